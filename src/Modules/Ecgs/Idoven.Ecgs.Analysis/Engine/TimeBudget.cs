namespace Idoven.Ecgs.Analysis.Engine;

/// <summary>
/// How long an insight may take: the longer, the more samples there are. Generous, so that only what has gone wrong exceeds it. The
/// processor time of the computing thread decides where it can be measured: a busy machine does not shorten what an insight may compute.
/// </summary>
/// <param name="AtLeast">For the shortest recording.</param>
/// <param name="PerSample">For each sample more.</param>
/// <param name="Clock">Wakes the check of an insight that still runs; decides where the processor time cannot be measured.</param>
/// <param name="ThreadTime">Measures the processor time of the computing thread; null lets <paramref name="Clock"/> decide.</param>
public sealed record TimeBudget(TimeSpan AtLeast, TimeSpan PerSample, TimeProvider Clock, ThreadTimeSource? ThreadTime = null)
{
    /// <summary>2 s and 2 microseconds a sample, some fifty times what all insights take, of processor time on Linux.</summary>
    public static TimeBudget Default { get; } =
        new(TimeSpan.FromSeconds(2), TimeSpan.FromMicroseconds(2), TimeProvider.System, ProcessorTime.Source);

    /// <summary>For one insight from so many samples.</summary>
    public TimeSpan For(long samples) => AtLeast + (PerSample * samples);
}

/// <summary>Starts to measure the processor time of the calling thread.</summary>
/// <returns>A function that returns, on any thread, the processor time used by the measured one; null if it cannot be read.</returns>
public delegate Func<TimeSpan?> ThreadTimeSource();
