using Idoven.Cli.Errors;

namespace Idoven.Cli.Accuracy;

/// <summary>Runs the EC57 protocol on a folder of annotated WFDB records and writes the report.</summary>
internal sealed class MeasureAccuracy(AccuracyOptions options, TextWriter output, TextWriter progress, TimeProvider clock)
{
    /// <summary>Measures all records in the folder.</summary>
    /// <exception cref="CliException">The folder has no annotated record, or one is invalid.</exception>
    public async Task Run(CancellationToken ct)
    {
        if (!Directory.Exists(options.Folder))
        {
            throw new BadFileException(options.Folder, null, "The folder does not exist.");
        }

        var headers = Directory.EnumerateFiles(options.Folder, "*.hea")
            .Where(header => File.Exists(Path.ChangeExtension(header, ".atr")))
            .Order(StringComparer.Ordinal)
            .ToList();
        if (headers.Count == 0)
        {
            throw new BadFileException(options.Folder, null, "The folder has no WFDB record (.hea) with annotations (.atr).");
        }

        var records = new List<RecordAccuracy>();
        foreach (var header in headers)
        {
            ct.ThrowIfCancellationRequested();
            var record = RecordAccuracy.Measure(header, Path.ChangeExtension(header, ".atr"), clock);
            records.Add(record);
            var (first, fused) = (record.First.Whole, record.Fused.Whole);
            var line = FormattableString.Invariant($"{records.Count,3} of {headers.Count}  {record.Name,-8}")
                + FormattableString.Invariant($" first {first.Sensitivity:P2} / {first.PositivePredictivity:P2},")
                + FormattableString.Invariant($" fused {fused.Sensitivity:P2} / {fused.PositivePredictivity:P2}");
            await progress.WriteLineAsync(line);
        }

        if (options.Report is not { } path)
        {
            await output.WriteAsync(AccuracyReport.Write(records, "accuracy.svg"));
            return;
        }

        var plot = Path.ChangeExtension(path, ".svg");
        await File.WriteAllTextAsync(plot, ErrorChart.Draw(records), ct);
        await File.WriteAllTextAsync(path, AccuracyReport.Write(records, Path.GetFileName(plot)), ct);
        await progress.WriteLineAsync($"written: {path} and {plot}");
    }
}
