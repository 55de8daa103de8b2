using System.Diagnostics;
using System.Net;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests;

/// <summary>Tests from which callers a <c>traceparent</c> sets the trace of a request.</summary>
[Trait("Hosts", "one")]
public sealed class TraceTests(RunningParts parts)
{
    [Fact]
    public async Task Traceparent_is_used_only_from_a_caller_with_a_valid_token()
    {
        await using var host = await RunningHost.Start(parts.Settings, ("Telemetry:TrustTraceparent", "false"));
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                lock (spans)
                {
                    spans.Add(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        var trace = ActivityTraceId.CreateRandom().ToHexString();
        foreach (var token in new[] { null, "not-a-token", await host.NewOwnerToken("openid") })
        {
            // These callers have no valid token or not the scope.
            using var untrusted = Traced(token);
            using var refused = await untrusted.PostAsync(EcgCalls.Route, null);
            var problem = await refused.Problem(token is null or "not-a-token" ? HttpStatusCode.Unauthorized : HttpStatusCode.Forbidden);
            Assert.NotEqual(trace, problem.GetProperty("traceId").GetString());
        }

        using var anonymous = Traced(null);
        using var wrong = await anonymous.PostAsync("/connect/token", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = "demo-gateway",
            ["client_secret"] = "wrong",
        }));
        Assert.False(wrong.IsSuccessStatusCode);
        Assert.Equal(0L, await host.Query<long>("select count(*) from identity.audit where trace_id = $1", trace));
        await Eventually.Holds(() => Task.FromResult(Linked()));

        using var owner = Traced(await host.NewOwnerToken("ecgs:read ecgs:write"));
        using var missing = await owner.GetAsync($"{EcgCalls.Route}/{Guid.NewGuid()}");
        Assert.Equal(trace, (await missing.Problem(HttpStatusCode.NotFound)).GetProperty("traceId").GetString());

        HttpClient Traced(string? accessToken)
        {
            var client = host.Client(accessToken);
            client.DefaultRequestHeaders.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom().ToHexString()}-01");
            return client;
        }

        bool Linked()
        {
            lock (spans)
            {
                return spans.Exists(
                    span => span.TraceId.ToHexString() != trace && span.Links.Any(link => link.Context.TraceId.ToHexString() == trace));
            }
        }
    }

    [Fact]
    public async Task Traceparent_of_a_trusted_proxy_is_used_for_all_requests()
    {
        await using var host = await RunningHost.Start(parts.Settings, ("Telemetry:TrustTraceparent", "true"));
        var trace = ActivityTraceId.CreateRandom().ToHexString();
        using var client = host.Client();
        client.DefaultRequestHeaders.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom().ToHexString()}-01");

        using var refused = await client.GetAsync(EcgCalls.Route);

        Assert.Equal(trace, (await refused.Problem(HttpStatusCode.Unauthorized)).GetProperty("traceId").GetString());
    }

    [Theory, InlineData("00-00000000000000000000000000000000-0000000000000000-01"), InlineData("00-zz"), InlineData("")]
    public async Task Invalid_traceparent_is_ignored(string header)
    {
        using var owner = await parts.Host.NewOwner();
        owner.DefaultRequestHeaders.TryAddWithoutValidation("traceparent", header);

        Assert.Equal(HttpStatusCode.OK, (await owner.GetAsync(EcgCalls.Route)).StatusCode);
    }
}
