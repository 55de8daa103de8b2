using Idoven.Shared.Data.Limits;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Idoven.Shared.Web;

/// <summary>
/// Limits the number of operations of one kind in progress on this host: of all callers, and of one caller, so that no caller occupies
/// every slot. A slot is acquired at once or not at all: no request waits for one.
/// </summary>
/// <param name="what">The name of the operations in the plural, for error responses.</param>
/// <param name="limit">The maximum of all callers together.</param>
/// <param name="limitPerCaller">The maximum of one caller.</param>
/// <param name="lending">The condition under which one caller may have more.</param>
/// <param name="clock">The clock of <see cref="CallerShares"/>.</param>
public sealed class CallerSlots(string what, int limit, int limitPerCaller, Lending lending, TimeProvider clock)
{
    private const int RetryAfterSeconds = 5;
    private readonly CallerShares shares = new(limit, limitPerCaller, lending, clock);

    /// <summary>Gets how many slots of this host are taken.</summary>
    public long Taken => shares.Total;

    private string Condition => lending == Lending.Never ? "" : " while others need them";

    /// <summary>Acquires a slot, unless the caller or the host has no free one.</summary>
    /// <param name="caller">Identifies the caller, for example <see cref="Authorization.CurrentCaller.Key"/>.</param>
    /// <returns>The slot, to be disposed when the work ends; without a slot its state says why.</returns>
    public CallerSlot Enter(string caller) => new(shares.Take(caller, 1), this, caller);

    internal ProblemHttpResult? Rejection(ShareState state, HttpContext context) => state switch
    {
        ShareState.CallerFull => Problems.TooManyAtOnce(
            context, $"This caller has {limitPerCaller} {what} in progress, which is the maximum{Condition}.", RetryAfterSeconds),
        ShareState.HostFull => Problems.Unavailable(
            context, $"This host has {limit} {what} in progress, which is the maximum.", RetryAfterSeconds),
        _ => null,
    };

    internal void Leave(string caller) => shares.GiveBack(caller, 1);
}

/// <summary>Represents an attempt to acquire a slot, and the slot if there was a free one.</summary>
public sealed class CallerSlot : IDisposable
{
    private readonly CallerSlots slots;
    private readonly string caller;
    private bool isHeld;

    internal CallerSlot(ShareState state, CallerSlots slots, string caller)
    {
        (State, this.slots, this.caller) = (state, slots, caller);
        isHeld = state == ShareState.Taken;
    }

    public ShareState State { get; }

    /// <summary>
    /// Returns the error response for a request without a slot: 429 if its caller has no free one, 503 if the host has none; else null.
    /// </summary>
    public ProblemHttpResult? Rejection(HttpContext context) => slots.Rejection(State, context);

    public void Dispose()
    {
        if (isHeld)
        {
            isHeld = false;
            slots.Leave(caller);
        }
    }
}
