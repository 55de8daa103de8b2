namespace Idoven.Ecgs.Analysis.Insights;

/// <summary>
/// Represents a result that several insights need. It is computed on first use, within the time of the insight that asks first; later
/// callers get the same result or the same failure.
/// </summary>
internal sealed class SharedResult<T>(Func<CancellationToken, T> compute)
{
    private readonly Lock gate = new();
    private Func<T>? outcome;

    public T Get(CancellationToken ct)
    {
        lock (gate)
        {
            return outcome is null ? Compute(ct) : outcome();
        }
    }

    private T Compute(CancellationToken ct)
    {
        try
        {
            var value = compute(ct);
            outcome = () => value;
            return value;
        }
        catch (OperationCanceledException)
        {
            outcome = () => throw new InsightNotComputedException("What it needs took too long.");
            throw;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            outcome = () => throw e;
            throw;
        }
    }
}
