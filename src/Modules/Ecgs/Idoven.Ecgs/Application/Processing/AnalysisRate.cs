namespace Idoven.Ecgs.Application.Processing;

/// <summary>Measures how fast the slots of this host analyse, weighted exponentially over about a minute of busy time.</summary>
internal sealed class AnalysisRate
{
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(1);

    // The first analyses of a host are slow, because its code is not optimized yet.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);
    private readonly Lock gate = new();
    private double samples;
    private double busySeconds;
    private TimeSpan measured;

    /// <summary>Gets the number of samples that one slot analyses per second of work; 0 until it is known.</summary>
    public double SamplesPerSecond
    {
        get
        {
            lock (gate)
            {
                return measured >= WarmUp ? samples / busySeconds : 0;
            }
        }
    }

    /// <summary>Adds one analysis.</summary>
    /// <param name="samplesOfEcg">The number of samples of all leads of the ECG together.</param>
    /// <param name="busy">The time for which it held a slot, to read and analyse the signal.</param>
    public void Record(long samplesOfEcg, TimeSpan busy)
    {
        lock (gate)
        {
            var kept = Math.Exp(-busy / Memory);
            samples = samples * kept + samplesOfEcg;
            busySeconds = busySeconds * kept + busy.TotalSeconds;
            measured += busy;
        }
    }
}
