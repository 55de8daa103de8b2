using System.Text.Json.Nodes;
using Idoven.Ecgs.Analysis.Engine;
using Idoven.Ecgs.Analysis.Insights;

namespace Idoven.Ecgs.Tests.Insights;

/// <summary>Compares docs/insights.md with a catalog of insights.</summary>
internal static class InsightPage
{
    private const string ExampleStart = "```json";

    public static string Text { get; } = File.ReadAllText(Path.Combine(Repository.Root, "docs", "insights.md"));

    /// <summary>Returns what the page lacks, in words.</summary>
    public static IReadOnlyList<string> FindMissing(InsightCatalog catalog, string page)
    {
        var start = page.IndexOf(ExampleStart, StringComparison.Ordinal) + ExampleStart.Length;
        var example = JsonNode.Parse(page[start..page.IndexOf("```", start, StringComparison.Ordinal)])!;
        var missing = new List<string>();
        missing.AddRange(catalog.Definitions
            .Where(definition => !page.Contains($"`{definition}`", StringComparison.Ordinal))
            .Select(definition => $"{definition} is not described"));
        missing.AddRange(MissingMembers(catalog.LeadInsights, example["leads"]![0]!, "leads[0]"));
        missing.AddRange(MissingMembers(catalog.RecordingInsights, example["global"]!, "global"));
        if (!example["definitions"]!.AsArray().Select(name => (string?)name).SequenceEqual(catalog.Definitions))
        {
            missing.Add("the example has other definitions");
        }

        if ((string?)example["engineVersion"] != AnalysisEngine.Version)
        {
            missing.Add("the example has another engine version");
        }

        return missing;
    }

    private static IEnumerable<string> MissingMembers(IEnumerable<IInsight> insights, JsonNode parent, string place) =>
        insights.Where(insight => parent[insight.Name] is null).Select(insight => $"the example has no {insight.Name} in {place}");
}
