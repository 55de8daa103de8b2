using Idoven.Shared.Data.Limits;

namespace Idoven.Ecgs.Application.Signals;

/// <summary>Bounds how many encoded bytes the uploads of this host hold in memory at a time: in all, and of one caller.</summary>
/// <param name="bytes">The most of all callers together.</param>
/// <param name="share">What one caller can have while others need the rest. It may have more as long as a quarter of all stays free.</param>
internal sealed class SignalBudget(long bytes, long share)
{
    private readonly CallerShares shares = new(bytes, share, Lending.WhileAQuarterIsFree, TimeProvider.System);

    /// <summary>Returns the budget from which one caller's uploads take.</summary>
    public CallerBudget ForCaller(string caller) => new(shares, caller);
}

/// <summary>The part of a <see cref="SignalBudget"/> that one caller uses.</summary>
internal sealed class CallerBudget(CallerShares shares, string caller)
{
    /// <exception cref="SignalBudgetException">The host, or the caller, holds as many bytes as it may.</exception>
    public void Take(int amount)
    {
        var state = shares.Take(caller, amount);
        if (state != ShareState.Taken)
        {
            throw new SignalBudgetException(state == ShareState.CallerFull);
        }
    }

    public void GiveBack(long amount) => shares.GiveBack(caller, amount);
}

/// <summary>Too many bytes of uploads are in progress; nothing of this one is stored.</summary>
internal sealed class SignalBudgetException(bool isOfCaller) : Exception
{
    /// <summary>Gets whether they are the caller's own, so that others can still upload.</summary>
    public bool IsOfCaller => isOfCaller;
}
