using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Idoven.Host.Tests.Parts;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Host.Tests;

/// <summary>
/// Random invalid requests to the token server and to the account. <c>IDOVEN_INVALID_REQUESTS</c> sets how many are sent; request N is the
/// same in every run.
/// </summary>
[Trait("Hosts", "one")]
public sealed class InvalidRequestTests(RunningParts parts)
{
    private const int FewRequests = 1_200;
    private const int AtOnce = 8;
    private const int ForgetGuessesEach = 50;
    private const double MinReached = 0.6;

    private static readonly int Requests =
        int.Parse(Environment.GetEnvironmentVariable("IDOVEN_INVALID_REQUESTS") ?? $"{FewRequests}", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Invalid_requests_to_the_token_server_and_the_account_are_never_answered_with_500()
    {
        var settings = await parts.OwnParts();
        await using var host = await RunningHost.Start(
            settings, builder => builder.Services.AddSingleton<IStartupFilter, ReportReached>(),
            ("RateLimits:Burst", "1000000"), ("RateLimits:PerSecond", "1000000"), ("Guesses:RestOfHash", "0"));
        var requests = await InvalidRequests.Of(host, settings.Issuer);
        Assert.InRange(requests.Addresses.Count(), 25, int.MaxValue);
        var failures = new ConcurrentQueue<string>();
        var reached = 0;
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = host.Address,
            Timeout = TimeSpan.FromMinutes(2),
        };

        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce };
        await Parallel.ForEachAsync(Enumerable.Range(0, Requests), options, async (number, ct) =>
        {
            if (number % ForgetGuessesEach == 0)
            {
                await host.Execute("delete from identity.guesses"); // Wrong passwords for the same name would wait for longer and longer.
            }

            var (request, shown) = requests.Make(number);
            using (request)
            {
                using var response = await client.SendAsync(request, ct);
                if (response.StatusCode >= HttpStatusCode.InternalServerError && response.Headers.RetryAfter is null)
                {
                    failures.Enqueue($"{number}: {(int)response.StatusCode} {shown}");
                }

                if (response.Headers.Contains(ReportReached.Header))
                {
                    Interlocked.Increment(ref reached);
                }
            }
        });

        Assert.True(failures.IsEmpty, string.Join('\n', failures.Take(20)));
        Assert.InRange(reached, (int)(MinReached * Requests), Requests);
        TestContext.Current.SendDiagnosticMessage($"{Requests} invalid requests, {reached} reached a handler");
    }

    [Theory]
    [InlineData("/connect/authorize?client_id=")]
    [InlineData("/connect/authorize?client_id={app}&redirect_uri=&response_type=code")]
    [InlineData("/connect/authorize?client_id={app}&redirect_uri={uri}&response_type=code&scope=%00")]
    [InlineData("/connect/authorize?client_id={app}&redirect_uri={uri}&response_type=code&scope=%00&state=s%00")]
    [InlineData("/connect/logout?post_logout_redirect_uri=%00")]
    [InlineData("/connect/verify?user_code=%00")]
    public async Task Empty_parameters_count_as_omitted_and_a_NUL_is_rejected(string address)
    {
        var app = await parts.Host.NewApp();
        address = address.Replace("{app}", app.Id, StringComparison.Ordinal)
            .Replace("{uri}", Uri.EscapeDataString(App.RedirectUri), StringComparison.Ordinal);
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = parts.Host.Address };

        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Post })
        {
            var words = address.Split('?');
            using var request = new HttpRequestMessage(method, method == HttpMethod.Get ? address : words[0]);
            request.Content = method == HttpMethod.Get ? null : new StringContent(words[1], null, "application/x-www-form-urlencoded");
            using var response = await client.SendAsync(request);

            Assert.InRange((int)response.StatusCode, 200, 499);
            if (response.Headers.Location is { } back)
            {
                Assert.StartsWith($"{App.RedirectUri}?", back.OriginalString, StringComparison.Ordinal);
                Assert.Contains("error=invalid_request", back.OriginalString, StringComparison.Ordinal);
            }
        }
    }

    /// <summary>Adds a header to what an endpoint answers, and not what is rejected before it for its token, type, size or rate.</summary>
    private sealed class ReportReached : IStartupFilter
    {
        public const string Header = "x-test-reached";

        private static readonly int[] RejectedBefore = [401, 403, 405, 413, 415, 429, 503];

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, following) =>
            {
                context.Response.OnStarting(() =>
                {
                    var isAtEndpoint = context.GetEndpoint() is not null && !RejectedBefore.Contains(context.Response.StatusCode);
                    if (isAtEndpoint || context.GetOpenIddictServerRequest() is not null)
                    {
                        context.Response.Headers[Header] = "yes";
                    }

                    return Task.CompletedTask;
                });
                return following(context);
            });
            next(app);
        };
    }
}
