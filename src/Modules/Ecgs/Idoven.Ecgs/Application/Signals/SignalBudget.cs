namespace Idoven.Ecgs.Application.Signals;

/// <summary>How many encoded bytes all uploads of this host may hold in memory at a time.</summary>
internal sealed class SignalBudget(long bytes)
{
    private long used;

    /// <exception cref="SignalBudgetException">The budget is used up.</exception>
    public void Take(int amount)
    {
        if (Interlocked.Add(ref used, amount) > bytes)
        {
            Interlocked.Add(ref used, -amount);
            throw new SignalBudgetException();
        }
    }

    public void GiveBack(long amount) => Interlocked.Add(ref used, -amount);
}

/// <summary>Too many uploads are in flight; nothing of this one is stored.</summary>
internal sealed class SignalBudgetException : Exception;
