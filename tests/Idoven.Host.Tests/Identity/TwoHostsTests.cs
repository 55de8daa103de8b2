using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Idoven.Host.Tests.Parts;
using Idoven.Identity;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Idoven.Host.Tests.Identity;

/// <summary>
/// Tests two hosts in processes of their own behind a real nginx, on one database and broker, as an organisation would run them.
/// <c>IDOVEN_REQUESTS_A_CHANGE</c> sets how many requests are completed between two changes (the nightly run: 40).
/// </summary>
[Collection(nameof(SerialCollection))]
public sealed class TwoHostsTests(RunningParts parts)
{
    private const int People = 2;
    private static readonly int Enough = int.Parse(
        Environment.GetEnvironmentVariable("IDOVEN_REQUESTS_A_CHANGE") ?? "15", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Key_rotation_crash_and_replacement_of_hosts_fail_no_request_and_sign_no_user_out()
    {
        Programs.SkipIfMissing(Nginx.Missing());
        using var nginx = new Nginx();
        var settings = parts.Settings with { Issuer = nginx.Address.AbsoluteUri };
        var started = await Task.WhenAll(HostProcess.Start(settings), HostProcess.Start(settings));
        using HostProcess first = started[0], second = started[1];
        await nginx.Start(first, second);

        // A session of one host is refreshed on the other.
        using var onFirst = first.Client();
        using var onSecond = second.Client();
        onFirst.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        onSecond.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        await using var traffic = new Traffic(nginx.Client());
        var crossing = await Traffic.Ask(onFirst, Traffic.Password);
        crossing = await Traffic.Ask(onSecond, Traffic.Refresh(crossing));
        await Traffic.Ask(onFirst, Traffic.Refresh(crossing));

        await traffic.Start(People);
        await traffic.Passes(Enough);
        await Rotate();
        await traffic.Passes(Enough);
        await Rotate();
        await traffic.Passes(Enough);

        // Requests that are in progress and can be repeated are sent to the other host by nginx; no other request is in progress now.
        await traffic.WhileNothingIsChanged(first.Kill);
        await traffic.Passes(Enough);
        using var third = await HostProcess.Start(settings);
        await nginx.Use(second, third);
        await traffic.Passes(Enough);

        await nginx.Use(third);
        await second.Stop();
        using var fourth = await HostProcess.Start(settings);
        await nginx.Use(third, fourth);
        await traffic.Passes(Enough);
        await nginx.Use(fourth);
        await third.Stop();
        using var fifth = await HostProcess.Start(settings);
        await nginx.Use(fourth, fifth);
        await traffic.Passes(Enough);
        await Rotate();
        await traffic.Passes(Enough);

        await traffic.Stop();
        TestContext.Current.SendDiagnosticMessage(
            $"{traffic.Reads} reads, {traffic.Uploads} uploads, {traffic.Refreshes} refreshes by {People} people over 3 rotations, a kill "
                + $"and 2 replacements: {traffic.Failures.Count} failed");
        Assert.Empty(traffic.Failures);
        Assert.InRange(traffic.Refreshes, People, int.MaxValue);
    }

    private async Task Rotate() => Assert.Equal(0, await IdentityModule.RunKeysVerb(
        parts.Host.Services, ["rotate"], TextWriter.Null, TextWriter.Null, TestContext.Current.CancellationToken));

    /// <summary>Simulates users who read, upload and refresh until the test ends, each in one session.</summary>
    private sealed class Traffic(HttpClient client) : IAsyncDisposable
    {
        private readonly CancellationTokenSource stop = new();
        private readonly SemaphoreSlim changes = new(People);
        private Task running = Task.CompletedTask;
        private int reads;
        private int uploads;
        private int refreshes;

        public static Dictionary<string, string> Password { get; } = new()
        {
            ["grant_type"] = "password",
            ["client_id"] = "idoven-cli",
            ["username"] = "user",
            ["password"] = "user-demo-password",
            ["scope"] = "openid offline_access ecgs:read ecgs:write",
        };

        public int Reads => reads;

        public int Uploads => uploads;

        public int Refreshes => refreshes;

        public ConcurrentQueue<string> Failures { get; } = [];

        public static Dictionary<string, string> Refresh(TokenResponse tokens) =>
            new() { ["grant_type"] = "refresh_token", ["client_id"] = "idoven-cli", ["refresh_token"] = tokens.RefreshToken! };

        public static async Task<TokenResponse> Ask(HttpClient client, Dictionary<string, string> form)
        {
            using var response = await client.PostAsync("/connect/token", new FormUrlEncodedContent(form));
            Assert.True(
                response.IsSuccessStatusCode,
                $"{form["grant_type"]}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
            return (await response.Content.ReadFromJsonAsync<TokenResponse>())!;
        }

        public async Task Start(int people)
        {
            var tokens = await Task.WhenAll(Enumerable.Range(0, people).Select(_ => Ask(client, Password)));
            running = Task.WhenAll(tokens.Select(Go));
        }

        /// <summary>Returns once this many more requests have succeeded.</summary>
        public Task Passes(int requests)
        {
            var until = reads + requests;
            return Eventually.Holds(() => Task.FromResult(reads >= until || !Failures.IsEmpty));
        }

        public async Task WhileNothingIsChanged(Action act)
        {
            for (var i = 0; i < People; i++)
            {
                await changes.WaitAsync();
            }

            act();
            changes.Release(People);
        }

        public async Task Stop()
        {
            await stop.CancelAsync();
            await running;
        }

        public async ValueTask DisposeAsync()
        {
            await Stop();
            stop.Dispose();
            changes.Dispose();
            client.Dispose();
        }

        private async Task Go(TokenResponse tokens)
        {
            var session = Session(tokens);
            for (var round = 1; !stop.IsCancellationRequested && Failures.IsEmpty; round++)
            {
                try
                {
                    await Send(HttpMethod.Get, tokens, HttpStatusCode.OK);
                    Interlocked.Increment(ref reads);
                    if (round % 5 == 0)
                    {
                        await changes.WaitAsync();
                        try
                        {
                            await Send(HttpMethod.Post, tokens, HttpStatusCode.Accepted);
                            Interlocked.Increment(ref uploads);
                            tokens = await Ask(client, Refresh(tokens));
                            Interlocked.Increment(ref refreshes);
                            Assert.Equal(session, Session(tokens));
                        }
                        finally
                        {
                            changes.Release();
                        }
                    }
                }
                catch (Exception e)
                {
                    Failures.Enqueue(e.Message);
                }
            }
        }

        private async Task Send(HttpMethod method, TokenResponse tokens, HttpStatusCode expected)
        {
            using var request = new HttpRequestMessage(method, EcgCalls.Route)
            {
                Content = method == HttpMethod.Post ? Parts.TestUsers.Json(EcgCalls.Body(1, -1, 2)) : null,
            };
            request.Headers.Authorization = new("Bearer", tokens.AccessToken);
            using var response = await client.SendAsync(request);
            Assert.True(
                response.StatusCode == expected, $"{method}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        }

        private static string Session(TokenResponse tokens) => new JsonWebToken(tokens.AccessToken).GetClaim("sid").Value;
    }
}
