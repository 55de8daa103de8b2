namespace Idoven.Ecgs.Application.Accesses;

/// <summary>The stored access log.</summary>
internal interface IAccesses
{
    /// <summary>Lists the rows of an ECG, newest first, from before the cursor on; one more than the limit if there are more.</summary>
    Task<IReadOnlyList<EcgAccess>> List(Guid ecgId, string ownerId, Guid? before, int limit, CancellationToken ct);

    /// <summary>Reads rows as they come from the database, oldest first. That they were exported is logged before.</summary>
    IAsyncEnumerable<EcgAccess> Export(AccessFilter filter, CancellationToken ct);
}

/// <summary>Which rows are exported; a null selects all.</summary>
/// <param name="From">The first moment.</param>
/// <param name="To">The first moment that is too late.</param>
internal sealed record AccessFilter(
    Guid? EcgId = null, string? OwnerId = null, string? Subject = null, string? ClientId = null, Guid? SessionId = null,
    DateTimeOffset? From = null, DateTimeOffset? To = null);
