using System.Diagnostics.Metrics;

namespace Idoven.Ecgs.Application.Processing;

/// <summary>Represents the metrics of the analysis. No label names an ECG or an owner.</summary>
internal sealed class EcgMetrics
{
    private readonly Counter<long> processed;
    private readonly Histogram<double> processing;

    /// <summary>Gets the rate at which this host analyses.</summary>
    public AnalysisRate Rate { get; } = new();

    public EcgMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Idoven.Ecgs");
        processed = meter.CreateCounter<long>("ecgs_processed", description: "ECGs whose analysis has ended, by outcome.");
        processing = meter.CreateHistogram<double>("ecg_processing", unit: "s", description: "From the upload to the stored insights.");
    }

    /// <param name="sinceUpload">The time from the upload to the stored insights.</param>
    public void Processed(TimeSpan sinceUpload)
    {
        processed.Add(1, new KeyValuePair<string, object?>("outcome", "processed"));
        processing.Record(sinceUpload.TotalSeconds);
    }

    public void Failed() => processed.Add(1, new KeyValuePair<string, object?>("outcome", "failed"));
}
