namespace Idoven.Ecgs.Application.Accesses;

/// <summary>Represents the stored access log.</summary>
internal interface IAccesses
{
    /// <summary>Returns the rows of an ECG before the cursor, newest first; one more than the limit if there are more.</summary>
    Task<IReadOnlyList<EcgAccess>> List(Guid ecgId, string ownerId, Guid? before, int limit, CancellationToken ct);

    /// <summary>Logs the export, and then streams the rows from the database, oldest first.</summary>
    IAsyncEnumerable<EcgAccess> Export(AccessFilter filter, CancellationToken ct);
}

/// <summary>Represents the filter of an export; a null selects all rows.</summary>
/// <param name="From">The time of the first row.</param>
/// <param name="To">The time before which the last row must be.</param>
internal sealed record AccessFilter(
    Guid? EcgId = null, string? OwnerId = null, string? Subject = null, string? ClientId = null, Guid? SessionId = null,
    DateTimeOffset? From = null, DateTimeOffset? To = null);
