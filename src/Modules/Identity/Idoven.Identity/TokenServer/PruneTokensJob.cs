using Idoven.Identity.Infrastructure;
using Idoven.Shared.Data;
using Idoven.Shared.Data.Jobs;

namespace Idoven.Identity.TokenServer;

/// <summary>
/// Deletes expired tokens, and the authorization of a sign-in with its last token, in small batches, so that no request waits for them.
/// A redeemed token is kept until it expires, because a second use must be recognised. A consent is permanent and has no tokens of its own.
/// </summary>
internal sealed class PruneTokensJob(ModuleDatabase<IdentityDbContext> database, TimeProvider clock) : IBackgroundJob<IdentityDbContext>
{
    // Index scans of some tens of milliseconds. The ten minutes cover hosts whose clocks differ.
    private const string Sql =
        """
        with gone as (
            delete from identity.tokens where id in (
                select id from identity.tokens where expiration_date < now() - interval '10 minutes' order by expiration_date limit 5000)
            returning id, authorization_id),
        ended as (
            delete from identity.authorizations as a where a.type = 'ad-hoc' and a.id in (select authorization_id from gone)
                and not exists (select from identity.tokens as t where t.authorization_id = a.id and t.id not in (select id from gone)))
        select count(*) from gone
        """;

    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);
    private DateTimeOffset next;

    public async Task<bool> RunBatch(CancellationToken ct)
    {
        if (clock.GetUtcNow() < next)
        {
            return false;
        }

        await using var command = database.Background.CreateCommand(Sql);
        command.CommandTimeout = ModuleDatabaseExtensions.PatientCommandSeconds;
        var removed = (long)(await command.ExecuteScalarAsync(ct))!;
        if (removed == 0)
        {
            next = clock.GetUtcNow() + Every;
        }

        return removed > 0;
    }
}
