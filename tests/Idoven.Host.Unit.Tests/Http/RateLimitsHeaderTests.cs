using System.Security.Claims;
using Idoven.Host.Http;
using Idoven.Shared.Tests.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Time.Testing;

namespace Idoven.Host.Unit.Tests.Http;

public sealed class RateLimitsHeaderTests : IDisposable
{
    private readonly FakeTimeProvider clock = new();
    private readonly RateLimits limits;

    public RateLimitsHeaderTests() => limits = new RateLimits(new RateLimitOptions { Burst = 5, PerSecond = 2 }, clock);

    public void Dispose() => limits.Dispose();

    [Fact]
    public async Task Each_response_has_the_policy_the_remaining_requests_and_the_seconds_until_reset()
    {
        Assert.Equal(
            ["200 r=4;t=1", "200 r=3;t=1", "200 r=2;t=2", "200 r=1;t=2", "200 r=0;t=3", "429 r=0;t=3"],
            [await Ask("a"), await Ask("a"), await Ask("a"), await Ask("a"), await Ask("a"), await Ask("a")]);

        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("200 r=1;t=2", await Ask("a"));
    }

    [Fact]
    public async Task A_request_over_the_limit_returns_429_with_a_Retry_After_of_one_second()
    {
        for (var i = 0; i < 5; i++)
        {
            await Ask("a");
        }

        var response = await RecordedResponse.Record(context =>
        {
            context.User = Caller("a");
            return limits.Invoke(context, _ => throw new InvalidOperationException("The request was not rejected."));
        });

        Assert.Equal((429, "1"), (response.Status, response.RetryAfter));
        Assert.Equal("At most 2 requests per second and 5 at once are allowed.", (string?)response.Body["detail"]);
    }

    [Fact]
    public async Task Each_client_of_a_user_and_each_user_of_a_client_has_its_own_bucket()
    {
        for (var i = 0; i < 6; i++)
        {
            await Ask("a", "browser");
        }

        Assert.Equal("429 r=0;t=3", await Ask("a", "browser"));
        Assert.Equal("200 r=4;t=1", await Ask("a", "console"));
        Assert.Equal("200 r=4;t=1", await Ask("b", "browser"));
    }

    [Fact]
    public async Task A_request_without_a_token_is_not_counted()
    {
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("200 ", await Ask(""));
        }
    }

    /// <summary>Sends one request.</summary>
    /// <returns>The status, and the header <c>RateLimit</c> after the name of the policy.</returns>
    private async Task<string> Ask(string subject, string client = "c")
    {
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { User = Caller(subject, client), RequestServices = RecordedResponse.Services };
        var started = new StartedResponse();
        context.Features.Set<IHttpResponseFeature>(started);
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(body));
        await limits.Invoke(context, _ => Task.CompletedTask);
        await started.Start();
        var limit = started.Headers["RateLimit"].ToString();
        Assert.Equal(limit.Length == 0 ? "" : "\"client\";q=5;w=3", started.Headers["RateLimit-Policy"].ToString());
        return $"{started.StatusCode} {limit.Replace("\"client\";", "", StringComparison.Ordinal)}";
    }

    private static ClaimsPrincipal Caller(string subject, string client = "c") => new(new ClaimsIdentity(
        subject.Length == 0 ? [] : [new Claim("sub", subject), new Claim("client_id", client)], "Bearer"));

    /// <summary>Runs the callbacks for the start of the response, which the default feature does not do.</summary>
    private sealed class StartedResponse : HttpResponseFeature
    {
        private readonly List<(Func<object, Task> Run, object State)> registered = [];

        public override void OnStarting(Func<object, Task> callback, object state) => registered.Add((callback, state));

        public async Task Start()
        {
            foreach (var (run, state) in registered)
            {
                await run(state);
            }
        }
    }
}
