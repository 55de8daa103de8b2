using Microsoft.EntityFrameworkCore;

namespace Idoven.Shared.Audit;

/// <summary>Reads the audit log of a module.</summary>
internal interface IAuditRows
{
    /// <summary>Returns the rows before the cursor, the newest first: one more than the limit if there are more.</summary>
    Task<IReadOnlyList<AuditRow>> List(AuditFilter filter, CancellationToken ct);

    /// <summary>Returns the rows whose actor or object is the subject.</summary>
    /// <param name="target">The id by which entries name the subject as their target.</param>
    Task<IReadOnlyList<AuditRow>> ListOf(string subject, string target, AuditFilter filter, CancellationToken ct);
}

/// <param name="From">The first included time.</param>
/// <param name="To">The first excluded time.</param>
internal sealed record AuditFilter(
    DateTimeOffset? From, DateTimeOffset? To, string? Action, string? Outcome, string? Subject, string? Client,
    string? Target, Guid? Before, int Limit);

internal sealed class AuditStore<TDb>(TDb db) : IAuditRows
    where TDb : DbContext
{
    public async Task<IReadOnlyList<AuditRow>> List(AuditFilter filter, CancellationToken ct) =>
        await Newest(Filter(filter), filter.Limit).ToListAsync(ct);

    public async Task<IReadOnlyList<AuditRow>> ListOf(string subject, string target, AuditFilter filter, CancellationToken ct)
    {
        // Each half is read by its own index, as far as a page needs.
        var did = Newest(Filter(filter).Where(row => row.Subject == subject), filter.Limit);
        var suffered = Newest(
            Filter(filter).Where(row => row.Target == target && (row.Subject == null || row.Subject != subject)), filter.Limit);
        return await Newest(did.Concat(suffered), filter.Limit).ToListAsync(ct);
    }

    private static IQueryable<AuditRow> Newest(IQueryable<AuditRow> rows, int limit) =>
        rows.OrderByDescending(row => row.Id).Take(limit + 1);

    private IQueryable<AuditRow> Filter(AuditFilter filter)
    {
        var rows = db.Set<AuditRow>().AsNoTracking();
        if (filter.From is { } from)
        {
            var first = FirstId(from);
            rows = rows.Where(row => row.Id >= first && row.At >= from);
        }

        if (filter.To is { } to)
        {
            var last = FirstId(to.AddMilliseconds(1));
            rows = rows.Where(row => row.Id < last && row.At < to);
        }

        rows = filter.Action is { } action ? rows.Where(row => row.Action == action) : rows;
        rows = filter.Outcome is { } outcome ? rows.Where(row => row.Outcome == outcome) : rows;
        rows = filter.Subject is { } subject ? rows.Where(row => row.Subject == subject) : rows;
        rows = filter.Client is { } client ? rows.Where(row => row.ClientId == client) : rows;
        rows = filter.Target is { } target ? rows.Where(row => row.Target == target) : rows;
        return filter.Before is { } before ? rows.Where(row => row.Id < before) : rows;
    }

    /// <summary>Returns the smallest id of a millisecond: a UUIDv7 begins with its time.</summary>
    private static Guid FirstId(DateTimeOffset at)
    {
        Span<byte> bytes = stackalloc byte[16];
        Guid.CreateVersion7(at).TryWriteBytes(bytes, bigEndian: true, out _);
        bytes[6..].Clear();
        return new Guid(bytes, bigEndian: true);
    }
}
