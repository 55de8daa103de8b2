using Idoven.Shared.Data.Limits;

namespace Idoven.Ecgs.Application.Signals;

/// <summary>Limits how many encoded bytes the uploads of this host hold in memory at a time, in total and of one caller.</summary>
/// <param name="bytes">The maximum of all callers together.</param>
/// <param name="share">The maximum of one caller while others need the rest. It may use more while a quarter of the total is free.</param>
internal sealed class SignalBudget(long bytes, long share)
{
    private readonly CallerShares shares = new(bytes, share, Lending.WhileAQuarterIsFree, TimeProvider.System);

    /// <summary>Returns the budget of one caller's uploads.</summary>
    public CallerBudget ForCaller(string caller) => new(shares, caller);
}

/// <summary>Represents the part of a <see cref="SignalBudget"/> that one caller uses.</summary>
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

/// <summary>The uploads in progress hold too many bytes. Nothing of this upload is stored.</summary>
internal sealed class SignalBudgetException(bool isOfCaller) : Exception
{
    /// <summary>Gets whether the caller's share is exceeded, so that others can still upload.</summary>
    public bool IsOfCaller => isOfCaller;
}
