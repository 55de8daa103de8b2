using System.Globalization;
using System.Text;
using Idoven.Drills.Checking;
using Idoven.Drills.Load;

namespace Idoven.Drills;

/// <summary>Writes the table of all drills of a run in Markdown, one row for each drill.</summary>
internal static class Report
{
    public const string Head =
        """
        | fault | seed | accepted | lost | doubled | duplicates | responses | slowest, s | log lines/s | MiB | recovery, s | verdict |
        |---|---|---|---|---|---|---|---|---|---|---|---|
        """;

    public static string Row(DrillResult result)
    {
        if (result.Skipped is { } reason)
        {
            return $"| {result.Fault.Name} | {result.Seed} | | | | | | | | | | skipped: {reason} |";
        }

        if (result.Evidence is not { } evidence)
        {
            return $"| {result.Fault.Name} | {result.Seed} | | | | | | | | | | **FAILED** {Text(result)} |";
        }

        var verdict = result.HasPassed ? "passed" : "**FAILED**";
        var recovery = evidence.RecoverySeconds is { } seconds ? seconds.ToString("0.0", CultureInfo.InvariantCulture) : "never";
        var memory = evidence.Hosts.Max(host => host.PeakMemory) / 1048576.0;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {result.Fault.Name} | {result.Seed} | {Rules.Accepted(evidence)} | {Rules.Lost(evidence)} | {Rules.Doubled(evidence)} " +
            $"| {Rules.Duplicates(evidence)} | {Responses(evidence)} | {Slowest(evidence):0.0} " +
            $"| {evidence.Hosts.Max(host => host.LinesPerSecond)} | {memory:0} | {recovery} | {verdict} {Text(result)} |");
    }

    public static async Task Write(string file, IReadOnlyList<DrillResult> results, IReadOnlyList<BrokenResult> broken)
    {
        var text = new StringBuilder("# Drills\n\n").AppendLine(Head);
        foreach (var result in results)
        {
            text.AppendLine(Row(result));
        }

        if (broken.Count > 0)
        {
            text.AppendLine("\n## Broken builds\n\n| patch | fault | seed | verdict |\n|---|---|---|---|");
            foreach (var result in broken)
            {
                text.AppendLine(result.Row);
            }
        }

        await File.WriteAllTextAsync(file, text.ToString());
    }

    /// <summary>Returns a text without line ends and column separators, for a cell of a table.</summary>
    public static string Escape(string text) => text.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);

    private static string Text(DrillResult result) =>
        Escape(string.Join(" · ", result.Notes.Concat(result.Violations.Select(violation => violation.ToString()))));

    /// <summary>Returns the number of responses by status; <c>refused</c> and <c>lost</c> are requests without a response.</summary>
    private static string Responses(Evidence evidence) => string.Join(", ", evidence.Operations
        .GroupBy(operation =>
            operation.Outcome == Outcome.Answered ? $"{operation.Status}" : operation.Outcome.ToString().ToLowerInvariant())
        .OrderBy(group => group.Key, StringComparer.Ordinal)
        .Select(group => $"{group.Key}: {group.Count()}"));

    private static double Slowest(Evidence evidence) =>
        evidence.Operations
            .Where(operation => operation.Outcome == Outcome.Answered)
            .Select(operation => operation.Seconds - operation.Waits)
            .DefaultIfEmpty(0)
            .Max();
}
