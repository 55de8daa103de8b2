using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Audit;

/// <summary>Sends requests with a trace of their own, by which their audit rows are found, also those of messages that follow.</summary>
internal sealed class AuditScenario(RunningParts parts)
{
    public RunningParts Parts { get; } = parts;

    public RunningHost Host { get; } = parts.Host;

    public string Trace { get; } = ActivityTraceId.CreateRandom().ToHexString();

    /// <summary>Gets an address of this scenario alone, because rejected requests without a token are counted by address.</summary>
    public IPAddress Address { get; } = SourceAddress.New();

    private string Traceparent => $"00-{Trace}-{ActivitySpanId.CreateRandom().ToHexString()}-01";

    public HttpClient Client(string? accessToken = null)
    {
        var client = Host.Client(accessToken, Address);
        client.DefaultRequestHeaders.Add("traceparent", Traceparent);
        return client;
    }

    public Browser Browser(CookieContainer? cookies = null) => new(Host, cookies, Address, Traceparent);

    public async Task<HttpClient> Superadmin(string scope = "openid account users:read users:write clients:manage operations") =>
        Client((await Host.Token("superadmin", "superadmin-demo-password", scope)).AccessToken);

    public async Task<JsonElement> Token(Dictionary<string, string> form)
    {
        using var client = Client();
        using var response = await client.PostAsync("/connect/token", new FormUrlEncodedContent(form));
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>Gets module, action, outcome and reason of each audit row of the trace, in alphabetical order.</summary>
    public Task<string[]> Rows() => Host.Query<string[]>(
        """
        select coalesce(array_agg(line order by line collate "C"), '{}') from (
          select concat_ws(' ', 'identity', action, outcome, reason) as line from identity.audit where trace_id = $1
          union all select concat_ws(' ', 'users', action, outcome, reason) from users.audit where trace_id = $1) lines
        """,
        Trace);
}
