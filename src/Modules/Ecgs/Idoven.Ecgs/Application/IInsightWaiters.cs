namespace Idoven.Ecgs.Application;

/// <summary>Requests that wait for the end of an analysis, on this host or another.</summary>
internal interface IInsightWaiters
{
    /// <summary>Returns when the analysis has ended, well or not, when the time is over, or at once where too many wait already.</summary>
    Task Wait(Guid ecgId, TimeSpan atMost, CancellationToken ct);

    /// <summary>The analysis has ended on this host.</summary>
    void Ended(Guid ecgId);
}
