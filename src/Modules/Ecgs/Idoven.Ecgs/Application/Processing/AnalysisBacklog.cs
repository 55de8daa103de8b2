namespace Idoven.Ecgs.Application.Processing;

/// <summary>What waits for a first analysis, and how fast all hosts together analyse.</summary>
/// <param name="Ecgs">How many ECGs wait in the database for their first attempt; those of a newer engine do not count.</param>
/// <param name="Samples">Their samples.</param>
/// <param name="Oldest">How long the oldest of them has been due.</param>
/// <param name="SamplesPerSecond">The measured rate of all hosts together; 0 if none is known.</param>
internal sealed record AnalysisBacklog(long Ecgs, long Samples, TimeSpan Oldest, double SamplesPerSecond)
{
    /// <summary>Returns how long the hosts need until the rest takes no longer than the bound; zero or less if it is within the bound or no rate is known.</summary>
    public TimeSpan Excess(TimeSpan bound) => SamplesPerSecond > 0 && Samples / SamplesPerSecond - bound.TotalSeconds is > 0 and var seconds
        ? TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.MaxValue.TotalSeconds / 2))
        : TimeSpan.Zero;
}

/// <summary>The backlog of the analysis, as this host last measured it.</summary>
internal interface IAnalysisBacklog
{
    /// <summary>Gets the last measurement; null if there is none, as while the database is unavailable.</summary>
    AnalysisBacklog? Current { get; }

    /// <summary>Gets whether an ECG waits so long for its first analysis that uploads should leave more of the host to the analysis.</summary>
    bool IsBehind { get; }

    /// <summary>Returns when a rejected upload may be tried again, in whole seconds from 1 to 60; null if uploads are accepted.</summary>
    int? RetryAfterSeconds();
}
