namespace Idoven.Shared.Data.Jobs;

/// <summary>
/// A job that handles rows that are due. The leader of the module runs it every second, and after each commit of the module.
/// </summary>
/// <typeparam name="TDb">The module's DbContext.</typeparam>
public interface IBackgroundJob<TDb>
{
    /// <summary>Runs one batch.</summary>
    /// <returns>True if more may be waiting, so that the next batch follows at once.</returns>
    Task<bool> RunBatch(CancellationToken ct);
}
