using Idoven.Ecgs.Analysis.Engine;
using Idoven.Ecgs.Application.Reprocessing;

namespace Idoven.Ecgs.Api.Reprocessing;

/// <summary>The verb <c>reprocess</c> of an operator, beside a running host.</summary>
internal sealed class ReprocessVerb(ReprocessEcgsHandler handler, TimeProvider clock)
{
    // As in sysexits.h.
    private const int UsageExitCode = 64;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    public async Task<int> Run(string[] words, TextWriter output, TextWriter errors, CancellationToken ct)
    {
        var today = Version.Parse(AnalysisEngine.Version);
        if (words is not [var word] || !Version.TryParse(word, out var before) || before > today)
        {
            await errors.WriteLineAsync($"idoven: reprocess takes the version before which insights are made anew, {today} (the engine of today) at most.");
            return UsageExitCode;
        }

        var said = clock.GetTimestamp() - clock.TimestampFrequency * (long)Every.TotalSeconds;
        var submitted = await handler.Handle(
            before,
            progress =>
            {
                if (clock.GetElapsedTime(said) >= Every || progress.Submitted == progress.All)
                {
                    said = clock.GetTimestamp();
                    errors.WriteLine(FormattableString.Invariant($"{progress.Submitted:N0} of {progress.All:N0} submitted, {progress.Queued:N0} queued"));
                }
            },
            ct);
        await output.WriteLineAsync(FormattableString.Invariant($"{submitted:N0} ECGs were submitted to engine {today}; earlier insights stay readable."));
        return 0;
    }
}
