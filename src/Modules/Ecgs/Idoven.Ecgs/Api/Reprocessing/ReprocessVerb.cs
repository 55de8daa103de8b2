using Idoven.Ecgs.Analysis.Engine;
using Idoven.Ecgs.Application.Reprocessing;

namespace Idoven.Ecgs.Api.Reprocessing;

/// <summary>Runs the verb <c>reprocess</c> for an operator, while a host is running.</summary>
internal sealed class ReprocessVerb(ReprocessEcgsHandler handler, TimeProvider clock)
{
    // As in sysexits.h.
    private const int UsageExitCode = 64;
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(2);

    public async Task<int> Run(string[] words, TextWriter output, TextWriter errors, CancellationToken ct)
    {
        var current = Version.Parse(AnalysisEngine.Version);
        if (words is not [var word] || !Version.TryParse(word, out var before) || before > current)
        {
            await errors.WriteLineAsync(
                $"idoven: reprocess needs one version, at most {current} (the current engine). ECGs analysed by earlier engines only are "
                    + "requeued.");
            return UsageExitCode;
        }

        var reportedAt = clock.GetTimestamp() - clock.TimestampFrequency * (long)ReportInterval.TotalSeconds;
        var submitted = await handler.Handle(
            before,
            progress =>
            {
                if (clock.GetElapsedTime(reportedAt) >= ReportInterval || progress.Submitted == progress.All)
                {
                    reportedAt = clock.GetTimestamp();
                    errors.WriteLine(FormattableString.Invariant(
                        $"{progress.Submitted:N0} of {progress.All:N0} submitted, {progress.Queued:N0} queued"));
                }
            },
            ct);
        await output.WriteLineAsync(FormattableString.Invariant(
            $"{submitted:N0} ECGs were submitted to engine {current}; earlier insights stay readable."));
        return 0;
    }
}
