namespace Idoven.Ecgs.Application.Processing;

/// <summary>Requests that wait for the end of an analysis, on this host or another.</summary>
internal interface IInsightWaiters
{
    /// <summary>How many requests wait on a host at a time.</summary>
    const int Most = 100;

    /// <summary>How many of one owner do, once only a quarter of all places is left.</summary>
    const int MostOfOneOwner = 10;

    /// <summary>
    /// Returns when the analysis has ended, with or without success, when the time has passed, or at once if too many requests wait already,
    /// in all or of one owner.
    /// </summary>
    Task Wait(Guid ecgId, string ownerId, TimeSpan atMost, CancellationToken ct);

    /// <summary>The analysis has ended on this host.</summary>
    void Ended(Guid ecgId);
}
