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
/// Sends random invalid requests to the token endpoints and the account routes. <c>IDOVEN_INVALID_REQUESTS</c> sets how many are sent;
/// request N is the same in every run.
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
    public async Task Invalid_requests_to_token_and_account_endpoints_never_get_500()
    {
        var settings = await parts.OwnParts();
        await using var host = await RunningHost.Start(
            settings, builder => builder.Services.AddSingleton<IStartupFilter, ReportReached>(),
            ("RateLimits:Burst", "1000000"), ("RateLimits:PerSecond", "1000000"), ("Guesses:RestOfHash", "0"));
        var requests = await InvalidRequests.Create(host, settings.Issuer);
        Assert.InRange(requests.Addresses.Count(), 25, int.MaxValue);
        Assert.InRange(requests.Singles, 300, Requests);
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
                await host.Execute("delete from identity.guesses"); // Wrong passwords for the same name would be delayed more and more.
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
    [InlineData("client_id", "")]
    [InlineData("client_id", "\0")]
    [InlineData("redirect_uri", "")]
    [InlineData("redirect_uri", "\0")]
    [InlineData("scope", "\0")]
    [InlineData("state", "\0")]
    [InlineData("login_hint", "a\0b")]
    public async Task Authorize_with_an_empty_required_parameter_or_a_NUL_is_an_invalid_request(string name, string value)
    {
        var address = (await parts.Host.NewApp()).Authorize((name, value));
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = parts.Host.Address };

        using var page = await client.GetAsync(address);
        using var form = new StringContent(address.Split('?')[1], null, "application/x-www-form-urlencoded");
        using var posted = await client.PostAsync("/connect/authorize", form);

        // Without a valid redirect address of the client, the page shows the error. A form with a NUL is rejected as a whole.
        var isSentBack = name is not ("client_id" or "redirect_uri");
        var said = isSentBack ? page.Headers.Location!.OriginalString : await page.Content.ReadAsStringAsync();
        Assert.Contains("invalid_request", said, StringComparison.Ordinal);
        Assert.Equal(isSentBack ? HttpStatusCode.Redirect : HttpStatusCode.BadRequest, page.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, posted.StatusCode);
    }

    /// <summary>
    /// Adds a header to responses of the endpoint itself, and not to requests rejected earlier for their token, type, size or rate.
    /// </summary>
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
