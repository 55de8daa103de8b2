using System.Text.Json;
using System.Text.Json.Serialization;
using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Engine;

/// <summary>Represents the insights of one recording as one JSON document.</summary>
/// <param name="recording">The properties of the recording.</param>
/// <param name="leads">The insights of each lead, in the order of the upload.</param>
/// <param name="values">The results of the insights of all leads together, by name.</param>
/// <param name="missing">The insights of all leads together that could not be computed.</param>
public sealed class InsightDocument(
    RecordingInfo recording, IReadOnlyList<LeadInsights> leads, IReadOnlyDictionary<string, object>? values = null,
    IReadOnlyList<NotComputed>? missing = null)
{
    /// <summary>The disclaimer of every document.</summary>
    public const string Disclaimer = "Measurements with stated definitions. Not a medical device, not for diagnosis.";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Gets the names of the definitions that the document follows.</summary>
    public IReadOnlyList<string> Definitions { get; init; } = InsightCatalog.Default.Definitions;

    /// <summary>Gets the insights of each lead.</summary>
    public IReadOnlyList<LeadInsights> Leads { get; } = leads;

    /// <summary>Gets the beats of all leads together, which the document only counts; null if they could not be detected.</summary>
    public IReadOnlyList<ClassifiedBeat>? Beats { get; init; }

    /// <summary>Gets the beats of each lead; null for a lead in which they could not be detected.</summary>
    public IReadOnlyList<IReadOnlyList<ClassifiedBeat>?> LeadBeats { get; init; } = [];

    /// <summary>
    /// Gets whether an insight used up its time budget. It is listed under <c>notComputed</c>, and another attempt may compute it.
    /// </summary>
    public bool HasOverrun { get; init; }

    /// <summary>Creates an example from the examples of all insights, for the API documentation.</summary>
    public static InsightDocument CreateExample(InsightCatalog catalog)
    {
        Dictionary<string, object> Examples(IEnumerable<IInsight> insights) =>
            insights.ToDictionary(insight => insight.Name, insight => insight.Example);
        const int Samples = 650_000;
        var missing = new NotComputed(catalog.LeadInsights[^1].Name, "V5", "It took longer than 3.3 s.");
        return new InsightDocument(
            new RecordingInfo(SamplingFrequency: 360, AdcZero: 1024),
            [
                new LeadInsights("MLII", Samples, Examples(catalog.LeadInsights), []),
                new LeadInsights("V5", Samples, Examples(catalog.LeadInsights.SkipLast(1)), [missing]),
            ],
            Examples(catalog.RecordingInsights))
        {
            Definitions = catalog.Definitions,
        };
    }

    /// <summary>
    /// Returns the document in UTF-8: <c>engineVersion</c>, <c>definitions</c>, <c>recording</c>, <c>leads[]</c>, <c>global</c>,
    /// <c>notComputed[]</c>, <c>disclaimer</c>.
    /// </summary>
    public byte[] ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            Write(json);
        }

        return buffer.ToArray();
    }

    private void Write(Utf8JsonWriter json)
    {
        List<NotComputed> notComputed = [.. Leads.SelectMany(lead => lead.NotComputed), .. missing ?? []];
        json.WriteStartObject();
        json.WriteString("engineVersion", AnalysisEngine.Version);
        json.WritePropertyName("definitions");
        JsonSerializer.Serialize(json, Definitions, Json);
        json.WritePropertyName("recording");
        JsonSerializer.Serialize(json, recording, Json);
        json.WriteStartArray("leads");
        foreach (var lead in Leads)
        {
            json.WriteStartObject();
            json.WriteString("name", lead.Name);
            json.WriteNumber("samples", lead.Samples);
            WriteValues(json, lead.Name, lead.Values, notComputed);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("global");
        WriteValues(json, lead: null, values ?? new Dictionary<string, object>(), notComputed);
        json.WriteEndObject();
        json.WritePropertyName("notComputed");
        JsonSerializer.Serialize(json, notComputed, Json);
        json.WriteString("disclaimer", Disclaimer);
        json.WriteEndObject();
    }

    /// <summary>
    /// Writes each result under its name. A result with a number that JSON cannot represent is listed as not computed instead.
    /// </summary>
    private static void WriteValues(
        Utf8JsonWriter json, string? lead, IReadOnlyDictionary<string, object> values, List<NotComputed> notComputed)
    {
        foreach (var (name, value) in values)
        {
            try
            {
                var written = JsonSerializer.SerializeToUtf8Bytes(value, value.GetType(), Json);
                json.WritePropertyName(name);
                json.WriteRawValue(written, skipInputValidation: true);
            }
            catch (ArgumentException)
            {
                notComputed.Add(new NotComputed(name, lead, "error: NotANumber"));
            }
        }
    }
}
