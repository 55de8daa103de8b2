namespace Idoven.Ecgs.Analysis;

/// <summary>How long an insight may take: the longer, the more samples there are. Generous, so that only what has gone wrong runs over.</summary>
/// <param name="AtLeast">For the shortest recording.</param>
/// <param name="PerSample">For each sample more.</param>
/// <param name="Clock">By which time is told.</param>
public sealed record TimeBudget(TimeSpan AtLeast, TimeSpan PerSample, TimeProvider Clock)
{
    /// <summary>2 s and 2 microseconds a sample: some fifty times what all insights take.</summary>
    public static TimeBudget Default { get; } = new(TimeSpan.FromSeconds(2), TimeSpan.FromMicroseconds(2), TimeProvider.System);

    /// <summary>For one insight from so many samples.</summary>
    public TimeSpan For(long samples) => AtLeast + (PerSample * samples);
}
