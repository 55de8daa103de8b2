using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Idoven.Host.Tests.Ecgs;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Identity;

/// <summary>
/// Measures uploads during failed sign-ins from more addresses than are counted, so that hashing uses all processors it may use. Calm and
/// storm phases alternate, and every other pair begins with the storm, so that other work of the machine and the database affects both
/// alike. The first two pairs warm the host up and are not measured. The uploads keep two slow cores two thirds busy: with more of them,
/// every disturbance would cause a queue. The ratio is printed and not asserted. <c>IDOVEN_STORM_SECONDS</c> sets the length of each phase
/// (the nightly run: 20 s).
/// </summary>
[Collection(nameof(SerialCollection)), Trait("Hosts", "one")]
public sealed class LoginStormTests(RunningParts parts, ITestOutputHelper output)
{
    private const int Rounds = 4;
    private const int WarmUp = 2;
    private const int UploadsPerSecond = 10;
    private const int GuessesPerSecond = 200;
    private const int Attackers = 32;
    private static readonly TimeSpan Phase = TimeSpan.FromSeconds(
        int.Parse(Environment.GetEnvironmentVariable("IDOVEN_STORM_SECONDS") ?? "2", CultureInfo.InvariantCulture));
    private static readonly int[] Signal =
        [.. Enumerable.Range(0, 5000).Select(i => (int)(800 * Math.Sin(i / 11.0) * Math.Exp(-(i % 400) / 40.0)))];

    [Fact(Explicit = true)]
    public async Task Uploads_continue_during_a_storm_of_failed_sign_ins()
    {
        using var host = await HostProcess.Start(parts.Settings);
        using var owner = host.Client(await parts.Host.NewOwnerToken("ecgs:read ecgs:write"));
        var (calm, storm, refused) = (new List<double>(), new List<double>(), new ConcurrentDictionary<HttpStatusCode, int>());
        for (var round = 0; round < WarmUp + Rounds; round++)
        {
            foreach (var isStorm in round % 2 == 0 ? [false, true] : new[] { true, false })
            {
                var uploads = isStorm ? await Storm() : await Upload(owner, Phase);
                var slowest = Array.IndexOf(uploads, uploads.Max());
                output.WriteLine(
                    $"{(round < WarmUp ? "warm-up, " : "")}{(isStorm ? "storm" : "calm")}: "
                    + $"{uploads.Count(upload => upload > 50)} over 50 ms, the slowest {uploads[slowest]:F0} ms, "
                    + $"sent {slowest / UploadsPerSecond} s after its start");
                if (round >= WarmUp)
                {
                    (isStorm ? storm : calm).AddRange(uploads);
                }
            }
        }

        calm.Sort();
        storm.Sort();
        output.WriteLine(
            $"{calm.Count} + {storm.Count} uploads; failed attempts: "
            + string.Join(", ", refused.Select(pair => $"{pair.Value} x {(int)pair.Key}")));
        foreach (var percent in new[] { 50, 90, 99 })
        {
            var (before, during) = (calm[calm.Count * percent / 100], storm[storm.Count * percent / 100]);
            output.WriteLine($"{percent} % within {before:F1} ms, in the storm {during:F1} ms: {during / before:F2} times");
        }

        Assert.NotEmpty(refused);
        Assert.DoesNotContain(HttpStatusCode.OK, refused.Keys);
        Assert.DoesNotContain(HttpStatusCode.InternalServerError, refused.Keys);

        async Task<double[]> Storm()
        {
            using var end = new CancellationTokenSource();
            var guessing = Enumerable.Range(0, Attackers).Select(_ => Guess(host, refused, end.Token)).ToList();
            var uploads = await Upload(owner, Phase);
            await end.CancelAsync();
            await Task.WhenAll(guessing);
            return uploads;
        }
    }

    /// <summary>Uploads at a steady rate, without waiting for earlier uploads to end.</summary>
    /// <returns>The durations of the uploads, in ms.</returns>
    private static async Task<double[]> Upload(HttpClient owner, TimeSpan phase)
    {
        var uploads = new List<Task<double>>();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / UploadsPerSecond));
        for (var i = 0; i < phase.TotalSeconds * UploadsPerSecond; i++)
        {
            await timer.WaitForNextTickAsync();
            uploads.Add(One());
        }

        return await Task.WhenAll(uploads);

        async Task<double> One()
        {
            var start = Stopwatch.GetTimestamp();
            using var response = await owner.PostAsJsonAsync(
                EcgCalls.Route,
                new { date = "2026-11-23T10:15:00Z", samplingFrequency = 500, leads = new[] { new { name = "I", signal = Signal } } });
            Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
    }

    private static async Task Guess(HostProcess host, ConcurrentDictionary<HttpStatusCode, int> responses, CancellationToken ct)
    {
        using var client =
            new HttpClient(SourceAddress.Handler(SourceAddress.New())) { BaseAddress = host.Address, Timeout = TimeSpan.FromMinutes(2) };
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds((double)Attackers / GuessesPerSecond));
        try
        {
            await Task.Delay(Random.Shared.Next(1000), ct); // Spreads the starts over a second.
            while (await timer.WaitForNextTickAsync(ct))
            {
                using var response = await client.PostAsync("/connect/token", new FormUrlEncodedContent(new Dictionary<string, string>
                {
                    ["grant_type"] = "password",
                    ["client_id"] = "idoven-cli",
                    ["username"] = TestUsers.NewName(),
                    ["password"] = "a wrong password of some length",
                }), ct);
                responses.AddOrUpdate(response.StatusCode, 1, (_, count) => count + 1);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The storm has ended.
        }
    }
}
