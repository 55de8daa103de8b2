using Idoven.Ecgs.Analysis.Insights;

namespace Idoven.Ecgs.Analysis;

/// <summary>What several insights need: computed by the first that asks, in that one's time. What that one met, the others are told.</summary>
internal sealed class Once<T>(Func<CancellationToken, T> compute)
{
    private readonly Lock asking = new();
    private Func<T>? outcome;

    public T Get(CancellationToken ct)
    {
        lock (asking)
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
