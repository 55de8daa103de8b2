namespace Idoven.Shared.Data.Jobs;

/// <summary>
/// Rows that are due: taken, done, marked. Run every second, and after each commit of the module, by the one active worker of the
/// schema.
/// </summary>
/// <typeparam name="TDb">The module's DbContext.</typeparam>
public interface IBackgroundJob<TDb>
{
    /// <summary>Does one batch.</summary>
    /// <returns>True where more may be waiting, so that the next batch follows at once.</returns>
    Task<bool> RunBatch(CancellationToken ct);
}
