namespace Idoven.Ecgs.Analysis.Engine;

/// <summary>
/// Represents the time that an insight may take, which grows with the number of samples. It is generous, so that only a faulty insight
/// exceeds it. The processor time of the computing thread decides if it can be measured, so that a busy machine does not shorten it.
/// </summary>
/// <param name="AtLeast">The time for the shortest recording.</param>
/// <param name="PerSample">The additional time for each sample.</param>
/// <param name="Clock">Triggers the check of a running insight, and decides if the processor time cannot be measured.</param>
/// <param name="ThreadTime">Measures the processor time of the computing thread; null lets <paramref name="Clock"/> decide.</param>
public sealed record TimeBudget(TimeSpan AtLeast, TimeSpan PerSample, TimeProvider Clock, ThreadTimeSource? ThreadTime = null)
{
    /// <summary>Gets 2 s and 2 microseconds per sample, about fifty times what all insights take; on Linux as processor time.</summary>
    public static TimeBudget Default { get; } =
        new(TimeSpan.FromSeconds(2), TimeSpan.FromMicroseconds(2), TimeProvider.System, ProcessorTime.Source);

    /// <summary>Returns the time for one insight from a number of samples.</summary>
    public TimeSpan For(long samples) => AtLeast + (PerSample * samples);
}

/// <summary>Starts to measure the processor time of the calling thread.</summary>
/// <returns>A function that returns, on any thread, the processor time used by the measured one; null if it cannot be read.</returns>
public delegate Func<TimeSpan?> ThreadTimeSource();
