using System.Globalization;
using System.Text;
using Idoven.Ecgs.Accuracy;
using Idoven.Ecgs.Analysis.Engine;

namespace Idoven.Cli.Accuracy;

/// <summary>Writes the accuracy of the engine on a folder of records as a Markdown page with a plot.</summary>
internal static class AccuracyReport
{
    private const string None = "-";

    public static string Write(IReadOnlyList<RecordAccuracy> records, string plot)
    {
        var page = new StringBuilder();
        page.AppendLine(CultureInfo.InvariantCulture,
            $"""
            # Accuracy of engine {AnalysisEngine.Version}

            Written by `./idoven accuracy`: {records.Count} records. Beats are compared by ANSI/AAMI EC57 (2012): reference and detected
            beats are matched one to one, the nearest within 150 ms; beats between `[` and `]` (ventricular flutter and
            fibrillation) are not scored. Se is the percentage of the reference beats that were detected, +P the percentage of
            the detected beats that match a reference beat.

            ![Errors by record]({plot})

            ## Beats, gross

            | signal | Se / +P | from 5:00 | within 25 ms | bias (ms) | jitter, MAD (ms) | missed | extra |
            |---|---|---|---|---|---|---|---|
            """);
        Gross(page, "first", records.Select(record => record.First));
        if (records.Any(record => record.Second is not null))
        {
            Gross(page, "second", records.Select(record => record.Second).OfType<SignalAccuracy>());
        }

        Gross(page, "fused", records.Select(record => record.Fused));
        page.AppendLine(
            """

            ## Beats by record

            | record | beats | first: Se / +P | missed | extra | second: Se / +P | missed | extra | fused: Se / +P | missed | extra |
            |---|---|---|---|---|---|---|---|---|---|---|
            """);
        foreach (var record in records)
        {
            page.AppendLine(CultureInfo.InvariantCulture,
                $"| {record.Name} | {record.First.Whole.Matched + record.First.Whole.Missed:N0} | {Cells(record.First.Whole)} "
                + $"| {Cells(record.Second?.Whole)} | {Cells(record.Fused.Whole)} |");
        }

        var scored = records.Where(record => !record.IsPaced).ToList();
        page.AppendLine(
            """

            ## Ectopic beats

            For matched beats only; fusion, paced and unclassifiable beats and paced records are excluded.

            | record | V first | V second | V fused | S first | S second | S fused |
            |---|---|---|---|---|---|---|
            """);
        foreach (var record in scored)
        {
            page.AppendLine(CultureInfo.InvariantCulture,
                $"| {record.Name} "
                + $"| {Pair(record.First.Ventricular)} | {Pair(record.Second?.Ventricular)} | {Pair(record.Fused.Ventricular)} "
                + $"| {Pair(record.First.Supraventricular)} | {Pair(record.Second?.Supraventricular)} "
                + $"| {Pair(record.Fused.Supraventricular)} |");
        }

        ClassComparison? Sum(Func<RecordAccuracy, ClassComparison?> of) =>
            scored.Select(of).OfType<ClassComparison>().ToList() is { Count: > 0 } all ? ClassComparison.Sum(all) : null;
        page.AppendLine(CultureInfo.InvariantCulture,
            $"| **gross** | {Pair(Sum(r => r.First.Ventricular))} | {Pair(Sum(r => r.Second?.Ventricular))} "
            + $"| {Pair(Sum(r => r.Fused.Ventricular))} | {Pair(Sum(r => r.First.Supraventricular))} "
            + $"| {Pair(Sum(r => r.Second?.Supraventricular))} | {Pair(Sum(r => r.Fused.Supraventricular))} |");
        page.AppendLine(
            """

            ## Heart rate and variability

            From the fused beats with the engine's own classes and correction, compared with the reference beats and classes.
            Records of rhythms other than sinus rhythm are included.

            | record | mean rate, error (bpm) | SDNN (ms) | error | RMSSD (ms) | error |
            |---|---|---|---|---|---|
            """);
        foreach (var record in records)
        {
            page.AppendLine(record.Intervals is { } errors
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {record.Name} | {errors.MeanBpm:F2} | {errors.Sdnn.Reference:F1} | {errors.Sdnn.Difference:+0.0;-0.0;0.0} "
                    + $"| {errors.Rmssd.Reference:F1} | {errors.Rmssd.Difference:+0.0;-0.0;0.0} |")
                : $"| {record.Name} | {None} | {None} | {None} | {None} | {None} |");
        }

        return page.ToString();
    }

    private static void Gross(StringBuilder page, string name, IEnumerable<SignalAccuracy> signals)
    {
        var all = signals.ToList();
        var whole = BeatComparison.Sum(all.Select(signal => signal.Whole));
        var late = BeatComparison.Sum(all.Select(signal => signal.FromFiveMinutes));
        var tight = BeatComparison.Sum(all.Select(signal => signal.Tight));

        // Records may have different sampling frequencies, so errors are compared in milliseconds.
        var errorsMs = all.SelectMany(signal => signal.Whole.Errors.Select(error => error * 1000 / signal.Frequency));
        var inTime = whole with { Errors = [.. errorsMs] };
        page.AppendLine(CultureInfo.InvariantCulture,
            $"| {name} | {Pair(whole)} | {Pair(late)} | {Pair(tight)} | {inTime.Bias:F2} | {inTime.MedianAbsoluteDeviation:F2} "
            + $"| {whole.Missed} | {whole.Extra} |");
    }

    private static string Cells(BeatComparison? comparison) => comparison is null
        ? $"{None} | {None} | {None}"
        : string.Create(CultureInfo.InvariantCulture, $"{Pair(comparison)} | {comparison.Missed} | {comparison.Extra}");

    private static string Pair(BeatComparison comparison) => Pair(comparison.Sensitivity, comparison.PositivePredictivity, "F2");

    private static string Pair(ClassComparison? comparison) => comparison is null or { Right: 0, Missed: 0, Wrong: 0 }
        ? None
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{Pair(comparison.Sensitivity, comparison.PositivePredictivity, "F1")} "
            + $"({comparison.Right} of {comparison.Right + comparison.Missed})");

    private static string Pair(double sensitivity, double predictivity, string format) =>
        $"{Percent(sensitivity, format)} / {Percent(predictivity, format)}";

    private static string Percent(double share, string format) =>
        double.IsNaN(share) ? None : (100 * share).ToString(format, CultureInfo.InvariantCulture);
}
