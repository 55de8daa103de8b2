using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using Idoven.Cli;
using Idoven.Ecgs.Analysis.Engine;
using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Analysis.Signal;
using Idoven.Ecgs.Api.Insights;

namespace Idoven.Ecgs.Tests.Insights;

/// <summary>A new insight is one file (<see cref="SampleInsight"/>) and one line in the catalog; everything else derives from it.</summary>
public sealed class NewInsightTests
{
    // The line.
    private static readonly InsightCatalog Catalog =
        InsightCatalog.Default with { LeadInsights = [.. InsightCatalog.Default.LeadInsights, new SampleInsight()] };

    [Fact]
    public void Its_definition_and_result_are_in_the_document()
    {
        var document = Document();

        Assert.Equal([.. Catalog.Definitions], document["definitions"]!.AsArray().Select(name => (string)name!));
        Assert.Contains("sample-1", Catalog.Definitions);
        Assert.Equal("""{"sampleCount":3}""", document["leads"]![0]!["sample"]!.ToJsonString());
    }

    [Fact]
    public void Its_result_is_in_the_form_of_the_response()
    {
        var schema = JsonSchemaExporter.GetJsonSchemaAsNode(Options(Catalog), typeof(InsightsResponse));

        var lead = schema["properties"]!["leads"]!["items"]!["properties"]!;
        Assert.Equal(
            ["name", "samples", "zeroCrossings", "statistics", "beats", "quality", "sample"], lead.AsObject().Select(member => member.Key));
        Assert.Equal(["sampleCount"], lead["sample"]!["properties"]!.AsObject().Select(member => member.Key));
    }

    [Fact]
    public void Its_example_is_in_the_example_of_the_response()
    {
        var example = JsonSerializer.Deserialize<InsightsResponse>(InsightDocument.CreateExample(Catalog).ToJson(), Options(Catalog))!;

        Assert.Contains("sample-1", example.Definitions);
        Assert.Equal(new SampleResult(42), example.Leads[0].Insights["sample"]);
    }

    [Fact]
    public void Its_column_and_its_line_are_printed_by_the_command_line_tool()
    {
        var output = new StringWriter { NewLine = "\n" };
        using var document = JsonDocument.Parse(Document().ToJsonString());

        InsightTable.Write(output, document.RootElement, Catalog);

        var lines = output.ToString().Split('\n');
        Assert.EndsWith("  counted", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("        3", lines[2], StringComparison.Ordinal);
        Assert.Contains("sample        I: 3 samples", lines);
        Assert.DoesNotContain("Also in the document", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_check_of_the_page_demands_its_description()
    {
        Assert.Equal(
            ["sample-1 is not described", "the example has no sample in leads[0]", "the example has other definitions"],
            InsightPage.FindMissing(Catalog, InsightPage.Text));

        // What a developer adds to the page.
        var page = InsightPage.Text
            .Replace("\"quality\": {", "\"sample\": { \"sampleCount\": 3 }, \"quality\": {", StringComparison.Ordinal)
            .Replace("\"quality-1\"", "\"quality-1\", \"sample-1\"", StringComparison.Ordinal) + "\n## Samples (`sample-1`)\n";
        Assert.Empty(InsightPage.FindMissing(Catalog, page));
    }

    [Fact]
    public void The_page_describes_every_insight_of_the_engine() =>
        Assert.Empty(InsightPage.FindMissing(InsightCatalog.Default, InsightPage.Text));

    [Fact]
    public void The_engine_version_is_written_in_one_production_file()
    {
        var files = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Where(file => File.ReadAllText(file).Contains(AnalysisEngine.Version, StringComparison.Ordinal))
            .Select(Path.GetFileName);
        Assert.Equal(["AnalysisEngine.cs"], files);
    }

    private static JsonNode Document()
    {
        var (engine, recording) = (new AnalysisEngine(Catalog), new RecordingInfo(500));
        var lead = engine.Analyze(new LeadSignal("I", new[] { 1, 2, 3 }, recording));
        return JsonNode.Parse(engine.Conclude(recording, [lead]).ToJson())!;
    }

    private static JsonSerializerOptions Options(InsightCatalog catalog) => new(JsonSerializerDefaults.Web)
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver().WithAddedModifier(InsightsResponse.AddMembers(catalog)),
    };
}
