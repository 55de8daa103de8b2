using System.Diagnostics;
using System.Globalization;
using Idoven.Host.Tests.Parts;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Idoven.Host.Tests.Identity;

/// <summary>
/// Tests the removal of expired tokens. Token tables grow with every sign-in: here they have as many rows as <c>IDOVEN_MANY_TOKENS</c> sets
/// (the nightly run: five million), nine of ten expired. The host removes those while users keep signing in. Times are printed and not
/// asserted.
/// </summary>
public sealed class ManyTokensTests(RunningParts parts, ITestOutputHelper output)
{
    private const int TokensOfASignIn = 10;
    private static readonly int Count = int.Parse(
        Environment.GetEnvironmentVariable("IDOVEN_MANY_TOKENS") ?? "20000", CultureInfo.InvariantCulture);

    // The number of samples is enough for a percentile only in the nightly run.
    private static readonly int Refreshes = Count > 1_000_000 ? 200 : 20;

    [Fact, Trait("Hosts", "one")]
    public async Task Expired_tokens_are_removed_while_valid_ones_stay_and_refreshes_succeed()
    {
        var settings = await parts.OwnParts();
        TokenResponse token;
        await using (var before = await RunningHost.Start(settings))
        {
            token = await before.Token("user", "user-demo-password", "openid offline_access");
            token = await Refresh(before, token, "no other tokens");
            await Fill(before);
        }

        await using var host = await RunningHost.Start(settings);
        var watch = Stopwatch.StartNew();
        token = await Refresh(host, token, $"{Count:N0} tokens, nine of ten being removed");
        await Eventually.Holds(
            async () =>
                await host.Query<long>("select count(*) from identity.tokens where expiration_date < now() - interval '10 minutes'") == 0,
            TimeSpan.FromMinutes(15));
        output.WriteLine($"{Count / 10 * 9:N0} removed in {watch.Elapsed.TotalSeconds:F0} s");

        // A sign-in is kept while it has a valid token and is removed with its last token.
        Assert.Equal(Count / 10, await host.Query<long>("select count(*) from identity.tokens where subject = 'many'"));
        Assert.Equal(Count / 10, await host.Query<long>("select count(*) from identity.authorizations where subject = 'many'"));
        Assert.Equal(1, await host.Query<long>("select count(*) from identity.authorizations where subject = 'consent'"));
        token = await Refresh(host, token, $"{Count / 10:N0} tokens");

        // A redeemed token is kept until it would have expired, so that a second use of it ends the session.
        var next = await host.Token(Grant(token));
        await host.EndRetryWindow(new JsonWebToken(token.AccessToken).Subject);
        watch.Restart();
        await Assert.ThrowsAsync<InvalidOperationException>(() => host.Token(Grant(token)));
        output.WriteLine($"a replay ends its family in {watch.Elapsed.TotalMilliseconds:F0} ms");
        await Assert.ThrowsAsync<InvalidOperationException>(() => host.Token(Grant(next)));
    }

    /// <summary>
    /// Adds sign-ins with ten tokens each. In one of ten sign-ins every token but the first has expired; in the others all have.
    /// </summary>
    private static async Task Fill(RunningHost host)
    {
        await host.Execute(FormattableString.Invariant(
            $"""
             insert into identity.authorizations (id, application_id, creation_date, status, subject, type, concurrency_token)
             select ('00000000-0000-0000-0000-' || lpad(i::text, 12, '0'))::uuid,
                    (select id from identity.clients where client_id = 'idoven-cli'),
                    now() - interval '20 days', 'valid', 'many', 'ad-hoc', 'c'
             from generate_series(1, {Count / TokensOfASignIn} * 2) as i;
             insert into identity.tokens
                    (id, application_id, authorization_id, creation_date, expiration_date, status, subject, type, concurrency_token)
             select gen_random_uuid(), (select id from identity.clients where client_id = 'idoven-cli'),
                    ('00000000-0000-0000-0000-' || lpad((1 + (i % ({Count / TokensOfASignIn} * 2)))::text, 12, '0'))::uuid,
                    now() - interval '20 days',
                    case when i < {Count / TokensOfASignIn} then now() + interval '10 days'
                         else now() - interval '1 day' - (i * interval '1 ms') end,
                    'redeemed', 'many', 'refresh_token', 'c'
             from generate_series(0, {Count} - 1) as i;
             insert into identity.authorizations (id, creation_date, status, subject, type, concurrency_token)
             values (gen_random_uuid(), now() - interval '400 days', 'valid', 'consent', 'permanent', 'c');
             """));
    }

    private async Task<TokenResponse> Refresh(RunningHost host, TokenResponse token, string beside)
    {
        var times = new double[Refreshes];
        for (var i = 0; i < Refreshes; i++)
        {
            var start = Stopwatch.GetTimestamp();
            token = await host.Token(Grant(token));
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        Array.Sort(times);
        output.WriteLine($"refresh beside {beside}: median {times[Refreshes / 2]:F1} ms, 99 % within {times[Refreshes * 99 / 100]:F1} ms");
        return token;
    }

    private static Dictionary<string, string> Grant(TokenResponse token) => new()
    {
        ["grant_type"] = "refresh_token",
        ["client_id"] = "idoven-cli",
        ["refresh_token"] = token.RefreshToken!,
    };
}
