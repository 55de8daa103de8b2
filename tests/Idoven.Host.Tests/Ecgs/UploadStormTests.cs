using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Ecgs;

/// <summary>
/// 64 clients upload ECGs of 12 leads of 5,000 samples, each as soon as it has the previous response, while others read. The figures
/// are printed without a limit for them, because they depend on the machine. <c>IDOVEN_UPLOAD_STORM_SECONDS</c> sets the duration.
/// </summary>
[Collection(nameof(SerialCollection)), Trait("Hosts", "one")]
public sealed class UploadStormTests(RunningParts parts, ITestOutputHelper output)
{
    private const int Owners = 8;
    private const int Uploaders = 64;
    private const int Readers = 2;
    private static readonly TimeSpan Storm = TimeSpan.FromSeconds(
        int.Parse(Environment.GetEnvironmentVariable("IDOVEN_UPLOAD_STORM_SECONDS") ?? "60", CultureInfo.InvariantCulture));
    private static readonly byte[] Body = Encoding.UTF8.GetBytes(
        $$"""
        {"date":"2026-11-23T10:15:00Z","samplingFrequency":500,"unit":"uV","leads":[{{Leads()}}]}
        """);

    [Fact(Explicit = true)]
    public async Task Analysis_continues_while_64_clients_upload()
    {
        var settings = await parts.OwnParts();
        using var host = await HostProcess.Start(settings);
        await using var database = await RunningHost.Start(settings, ("Modules:Enabled", "identity"));
        var owners = new List<HttpClient>();
        for (var i = 0; i < Owners; i++)
        {
            owners.Add(host.Client(await database.NewOwnerToken("ecgs:read ecgs:write")));
        }

        // Warm up, so that the code is compiled and the rate of the analysis is measured.
        for (var i = 0; i < 100; i++)
        {
            (await Upload(owners[i % Owners])).Dispose();
        }

        await Eventually.Holds(async () => await Processed() == 100, TimeSpan.FromMinutes(2));
        var responses = new ConcurrentBag<(HttpStatusCode Status, double Milliseconds)>();
        var reads = new ConcurrentBag<double>();
        var start = Stopwatch.GetTimestamp();
        var uploading = Enumerable.Range(0, Uploaders).Select(i => Task.Run(() => UploadAll(owners[i % Owners])));
        var reading = Enumerable.Range(0, Readers).Select(i => Task.Run(() => ReadAll(owners[i % Owners])));
        await Task.WhenAll([.. uploading, .. reading]);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var analysed = await Processed() - 100;
        var accepted = responses.Count(response => response.Status == HttpStatusCode.Accepted);
        var unavailable = responses.Count(response => response.Status == HttpStatusCode.ServiceUnavailable);
        Print($"{accepted} accepted ({accepted / seconds:F1}/s), {unavailable} rejected with 503");
        Print($"{analysed} analysed ({analysed / seconds:F1}/s), {accepted - analysed} waiting, in {seconds:F1} s");
        PrintTimes("uploads", [.. responses.Select(response => response.Milliseconds)]);
        PrintTimes("reads", [.. reads]);

        await Eventually.Holds(async () => await Processed() == accepted + 100, TimeSpan.FromMinutes(10));
        var messages = await database.Query<long>("select count(*) from ecgs.outbox where type like '%EcgSubmitted'");
        var later = Stopwatch.GetElapsedTime(start).TotalSeconds - seconds;
        Print($"all analysed {later:F1} s later; {(double)messages / (accepted + 100):F2} messages for each ECG");
        owners.ForEach(owner => owner.Dispose());

        Assert.Superset(
            responses.Select(response => response.Status).ToHashSet(),
            new HashSet<HttpStatusCode> { HttpStatusCode.Accepted, HttpStatusCode.ServiceUnavailable });

        Task<long> Processed() => database.Query<long>("select count(*) from ecgs.insight_sets");

        async Task UploadAll(HttpClient owner)
        {
            while (Stopwatch.GetElapsedTime(start) < Storm)
            {
                var sent = Stopwatch.GetTimestamp();
                using var response = await Upload(owner);
                responses.Add((response.StatusCode, Stopwatch.GetElapsedTime(sent).TotalMilliseconds));
                if (response.Headers.RetryAfter?.Delta is { } wait)
                {
                    await Task.Delay(wait);
                }
            }
        }

        async Task ReadAll(HttpClient owner)
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
            while (Stopwatch.GetElapsedTime(start) < Storm && await timer.WaitForNextTickAsync())
            {
                var sent = Stopwatch.GetTimestamp();
                using var response = await owner.GetAsync($"{EcgCalls.Route}?limit=10");
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                reads.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            }
        }
    }

    private static Task<HttpResponseMessage> Upload(HttpClient owner)
    {
        var content = new ByteArrayContent(Body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return owner.PostAsync(EcgCalls.Route, content);
    }

    private void PrintTimes(string what, double[] milliseconds)
    {
        Array.Sort(milliseconds);
        var (half, most) = (milliseconds[milliseconds.Length / 2], milliseconds[milliseconds.Length * 95 / 100]);
        Print($"{what}: 50 % within {half:F0} ms, 95 % within {most:F0} ms, the slowest {milliseconds[^1]:F0} ms");
    }

    private void Print(FormattableString line) => output.WriteLine(FormattableString.Invariant(line));

    private static string Leads() => string.Join(',', Enumerable.Range(1, 12).Select(Lead));

    private static string Lead(int lead)
    {
        var samples = Enumerable.Range(0, 5000).Select(i => (int)(80 * lead * Math.Sin(i / 11.0) * Math.Exp(-(i % 400) / 40.0)));
        return $$"""{"name":"L{{lead}}","signal":[{{string.Join(',', samples)}}]}""";
    }
}
