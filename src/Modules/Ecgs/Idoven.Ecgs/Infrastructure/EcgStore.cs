using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Application;
using Idoven.Ecgs.Application.Accesses;
using Idoven.Ecgs.Domain;
using Idoven.Shared.Data;
using Idoven.Shared.Web.Idempotency;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Idoven.Ecgs.Infrastructure;

internal sealed class EcgStore(
    EcgsDbContext db, ModuleTransaction<EcgsDbContext> transaction, SignalStore signals, EcgsOptions options) : IEcgs
{
    /// <summary>
    /// The number of blocks that one statement deletes: at most 64 MiB, in less time than a request waits for a statement.
    /// </summary>
    private const int BlocksPerStatement = 256;

    private readonly List<Ecg> uploads = [];
    private readonly List<Ecg> removed = [];

    public void Add(Ecg ecg)
    {
        uploads.Add(ecg);
        db.Add(ecg);
    }

    public void Add(InsightSet insights) => db.Add(insights);

    public void Add(EcgAccess access) => db.Add(access);

    public void Add(BeatList beats) => db.Add(beats);

    public void Remove(Ecg ecg)
    {
        removed.Add(ecg);
        db.Remove(ecg);
    }

    public Task<Ecg?> Find(Guid id, string ownerId, CancellationToken ct) =>
        db.Ecgs.AsNoTracking().Include(ecg => ecg.Leads).SingleOrDefaultAsync(ecg => ecg.Id == id && ecg.OwnerId == ownerId, ct);

    public Task<Ecg?> Find(Guid id, CancellationToken ct) =>
        db.Ecgs.AsNoTracking().Include(ecg => ecg.Leads).SingleOrDefaultAsync(ecg => ecg.Id == id, ct);

    public Task<EcgInsights?> FindInsights(Guid id, string ownerId, string? engineVersion, CancellationToken ct) =>
        FindInsights(db.Ecgs.Where(ecg => ecg.OwnerId == ownerId), id, engineVersion, ct);

    public Task<EcgInsights?> FindInsights(Guid id, string? engineVersion, CancellationToken ct) =>
        FindInsights(db.Ecgs, id, engineVersion, ct);

    public async Task<IReadOnlyList<ClassifiedBeat>?> FindBeats(Guid id, string engineVersion, short leadNumber, CancellationToken ct) =>
        (await db.Set<BeatList>().AsNoTracking()
            .SingleOrDefaultAsync(
                list => list.EcgId == id && list.EngineVersion == engineVersion && list.LeadNumber == leadNumber, ct))?.Beats;

    public async Task<StoredInsights> FindStored(Guid id, string engineVersion, CancellationToken ct) =>
        await db.InsightSets.Where(set => set.EcgId == id && set.EngineVersion == engineVersion)
            .Select(set => (bool?)set.IsIncomplete).SingleOrDefaultAsync(ct) switch
        {
            null => StoredInsights.None,
            true => StoredInsights.Incomplete,
            false => StoredInsights.Complete,
        };

    public async Task RemoveInsights(Guid id, string engineVersion, CancellationToken ct)
    {
        await transaction.Begin(ct);
        await db.InsightSets.Where(set => set.EcgId == id && set.EngineVersion == engineVersion).ExecuteDeleteAsync(ct);
    }

    public Task<int> CountOutdated(Version before, CancellationToken ct) => Outdated(before, Guid.Empty).CountAsync(ct);

    public async Task<IReadOnlyList<Guid>> ListOutdated(Version before, Guid after, int limit, CancellationToken ct) =>
        await Outdated(before, after).OrderBy(ecg => ecg.Id).Take(limit).Select(ecg => ecg.Id).ToListAsync(ct);

    public async Task<int> CountQueued(CancellationToken ct)
    {
        // Two conditions, because each has its partial index.
        var waiting = await db.Ecgs.CountAsync(ecg => ecg.Status == EcgStatus.Queued && ecg.DispatchedAt == null, ct);
        return waiting + await db.Ecgs.CountAsync(ecg => ecg.Status == EcgStatus.Queued && ecg.DispatchedAt != null, ct);
    }

    public Task<long> CountSamples(Guid id, CancellationToken ct) =>
        db.Set<Lead>().Where(lead => lead.EcgId == id).SumAsync(lead => (long)lead.Samples, ct);

    public Task<long> CountSamples(string ownerId, CancellationToken ct) =>
        // Rows of earlier versions lack the number.
        db.Ecgs.Where(ecg => ecg.OwnerId == ownerId)
            .SumAsync(ecg => ecg.Samples > 0 ? ecg.Samples : ecg.Leads.Sum(lead => (long)lead.Samples), ct);

    public async Task<IReadOnlyList<Ecg>> List(EcgFilter filter, CancellationToken ct)
    {
        var query = db.Ecgs.AsNoTracking().Include(ecg => ecg.Leads).AsSplitQuery().Where(ecg => ecg.OwnerId == filter.OwnerId);
        query = filter.From is { } from ? query.Where(ecg => ecg.Date >= from) : query;
        query = filter.To is { } to ? query.Where(ecg => ecg.Date < to) : query;
        query = filter.Status is { } status ? query.Where(ecg => ecg.Status == status) : query;
        query = filter.ExternalId is { } externalId ? query.Where(ecg => ecg.ExternalId == externalId) : query;
        query = filter.After is { } after ? query.Where(ecg => ecg.Id < after) : query;
        return await query.OrderByDescending(ecg => ecg.Id).Take(filter.Limit + 1).ToListAsync(ct);
    }

    public async Task<Ecg?> Lock(Guid id, CancellationToken ct)
    {
        await transaction.Begin(ct);
        return await db.Ecgs.FromSql($"select * from ecgs.ecgs where id = {id} for update").SingleOrDefaultAsync(ct);
    }

    public async Task<Ecg?> Lock(Guid id, string ownerId, CancellationToken ct)
    {
        await transaction.Begin(ct);
        return await db.Ecgs.FromSql($"select * from ecgs.ecgs where id = {id} and owner_id = {ownerId} for update")
            .SingleOrDefaultAsync(ct);
    }

    public async Task<Guid?> Claim(RequestKey key, Ecg ecg, CancellationToken ct)
    {
        await transaction.Begin(ct);
        var earlier = await db.Claim(key, ecg.Id, ecg.SubmittedAt, ct);
        if (earlier is not null)
        {
            // Nothing will be stored, and the request may wait for the insights. It must not hold a connection meanwhile.
            await transaction.RollBack();
        }

        return earlier;
    }

    public async Task MarkOwnerErased(string ownerId, DateTimeOffset now, CancellationToken ct)
    {
        await transaction.Begin(ct);
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into ecgs.owners as owner (id, erased_at) values ({ownerId}, {now})
            on conflict (id) do update set erased_at = coalesce(owner.erased_at, excluded.erased_at)
            """, ct);
        await db.ForgetRequests(ownerId, ct);
    }

    public Task<bool> IsKnown(RequestKey key, DateTimeOffset now, CancellationToken ct) => db.IsKnown(key, now, ct);

    public async Task Save(CancellationToken ct)
    {
        await transaction.Commit(() => Write(ct), ct);
        uploads.Clear();
        removed.Clear();
    }

    private async Task Write(CancellationToken ct)
    {
        foreach (var ofOwner in uploads.GroupBy(ecg => ecg.OwnerId))
        {
            await LockOwner(ofOwner.Key, ct);
            await CheckQuota(ofOwner.Key, ofOwner.Sum(ecg => ecg.Samples), ct);
        }

        foreach (var ecg in removed)
        {
            await DeleteSignal(ecg, ct);
        }

        await db.SaveChangesAsync(ct);
        await signals.Write((NpgsqlConnection)db.Database.GetDbConnection(), ct);
    }

    private Task<EcgInsights?> FindInsights(IQueryable<Ecg> among, Guid id, string? engineVersion, CancellationToken ct) => (
        from ecg in among.AsNoTracking()
        where ecg.Id == id
        from newest in db.InsightSets.Where(set => set.EcgId == ecg.Id && (engineVersion == null || set.EngineVersion == engineVersion))
            .OrderByDescending(set => set.CreatedAt).Take(1).DefaultIfEmpty()
        select new EcgInsights(
            ecg.OwnerId, ecg.Status, ecg.FailureReason, newest!.EngineVersion, newest.Document, (bool?)newest.IsIncomplete ?? false))
        .SingleOrDefaultAsync(ct);

    /// <summary>Returns the outdated ECGs. Versions are compared part by part, as numbers.</summary>
    private IQueryable<Ecg> Outdated(Version before, Guid after)
    {
        var version = new[] { before.Major, before.Minor, Math.Max(0, before.Build) };
        return db.Ecgs.FromSql(
            $"""
            select * from ecgs.ecgs e where e.status = 'processed' and e.id > {after} and not exists
              (select from ecgs.insight_sets s
                where s.ecg_id = e.id and not s.is_incomplete and string_to_array(s.engine_version, '.')::int[] >= {version})
            """).AsNoTracking();
    }

    /// <summary>
    /// Locks the owner's row until the commit, so that an erasure waits for it or has been committed before. With a quota the owner's
    /// uploads are stored one after the other, so that two concurrent uploads cannot both use the remaining samples.
    /// </summary>
    private async Task LockOwner(string owner, CancellationToken ct)
    {
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        var mode = options.SamplesPerOwner is null ? "share" : "no key update";
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new("insert into ecgs.owners (id) values ($1) on conflict do nothing") { Parameters = { new() { Value = owner } } },
                new($"select erased_at is not null from ecgs.owners where id = $1 for {mode}") { Parameters = { new() { Value = owner } } },
            },
        };
        if (await batch.ExecuteScalarAsync(ct) is true)
        {
            throw new OwnerErasedException();
        }
    }

    private async Task CheckQuota(string owner, long samples, CancellationToken ct)
    {
        if (options.SamplesPerOwner is { } quota)
        {
            var stored = await CountSamples(owner, ct);
            if (stored + samples > quota)
            {
                throw new QuotaExceededException(stored, quota);
            }
        }
    }

    /// <summary>
    /// Deletes the blocks in batches, so that no statement reaches its time limit, whatever the length of the signal.
    /// </summary>
    private async Task DeleteSignal(Ecg ecg, CancellationToken ct)
    {
        var deleted = BlocksPerStatement;
        while (deleted == BlocksPerStatement)
        {
            deleted = await db.Database.ExecuteSqlAsync(
                $"""
                delete from ecgs.signal_blocks where (ecg_id, lead_no, block_no) in (
                  select ecg_id, lead_no, block_no from ecgs.signal_blocks where ecg_id = {ecg.Id} limit {BlocksPerStatement})
                """,
                ct);
        }
    }
}
