namespace Idoven.Ecgs.Application.Processing;

/// <summary>Represents the requests that wait for the end of an analysis, on this host or another.</summary>
internal interface IInsightWaiters
{
    /// <summary>The maximum number of requests that wait on a host at a time.</summary>
    const int MaxWaiting = 100;

    /// <summary>The maximum number of waiting requests of one owner while less than a quarter of all slots is free.</summary>
    const int MaxWaitingPerOwner = 10;

    /// <summary>
    /// Returns when the analysis has succeeded or failed, when the time has passed, or at once if too many requests already wait, in total
    /// or of this owner.
    /// </summary>
    Task Wait(Guid ecgId, string ownerId, TimeSpan atMost, CancellationToken ct);

    /// <summary>Completes the requests that wait for an ECG whose analysis has ended on this host.</summary>
    void Complete(Guid ecgId);
}
