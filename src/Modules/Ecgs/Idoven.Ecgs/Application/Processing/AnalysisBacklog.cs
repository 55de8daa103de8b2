namespace Idoven.Ecgs.Application.Processing;

/// <summary>Represents the ECGs that wait for their first analysis, and the rate of all hosts together.</summary>
/// <param name="Ecgs">The number of ECGs that wait in the database for their first attempt, without those to be reprocessed.</param>
/// <param name="Samples">The number of their samples.</param>
/// <param name="Oldest">The time since which the oldest of them has been due.</param>
/// <param name="SamplesPerSecond">The measured rate of all hosts together; 0 if none is known.</param>
internal sealed record AnalysisBacklog(long Ecgs, long Samples, TimeSpan Oldest, double SamplesPerSecond)
{
    /// <summary>
    /// Returns the time that the hosts need until the rest of the backlog takes no longer than the limit; zero if it is within the limit or
    /// no rate is known.
    /// </summary>
    public TimeSpan Excess(TimeSpan limit) => SamplesPerSecond > 0 && Samples / SamplesPerSecond - limit.TotalSeconds is > 0 and var seconds
        ? TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.MaxValue.TotalSeconds / 2))
        : TimeSpan.Zero;
}

/// <summary>The backlog of the analysis, as this host last measured it.</summary>
internal interface IAnalysisBacklog
{
    /// <summary>Gets the last measurement; null if there is none, as while the database is unavailable.</summary>
    AnalysisBacklog? Current { get; }

    /// <summary>
    /// Gets whether the oldest ECG has waited so long for its first analysis that uploads should use less of the host.
    /// </summary>
    bool IsBehind { get; }

    /// <summary>Returns when a rejected upload may be tried again, in whole seconds from 1 to 60; null if uploads are accepted.</summary>
    int? RetryAfterSeconds();
}
