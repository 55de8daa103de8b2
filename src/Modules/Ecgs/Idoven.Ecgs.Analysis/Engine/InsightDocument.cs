using System.Text.Json;
using System.Text.Json.Serialization;
using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Engine;

/// <summary>The insights of one recording as one JSON document.</summary>
/// <param name="recording">What was known of the recording.</param>
/// <param name="leads">Its leads' insights, in the order of the upload.</param>
/// <param name="values">The insights of all leads together, by name.</param>
/// <param name="missing">Those that could not be computed.</param>
public sealed class InsightDocument(
    RecordingInfo recording, IReadOnlyList<LeadInsights> leads, IReadOnlyDictionary<string, object>? values = null, IReadOnlyList<NotComputed>? missing = null)
{
    /// <summary>Stands in every document.</summary>
    public const string Disclaimer = "Measurements with stated definitions. Not a medical device, not for diagnosis.";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>The leads' insights.</summary>
    public IReadOnlyList<LeadInsights> Leads { get; } = leads;

    /// <summary>The beats of all leads together, which the document only counts; null where none could be looked for.</summary>
    public IReadOnlyList<ClassifiedBeat>? Beats { get; init; }

    /// <summary>The same of each lead.</summary>
    public IReadOnlyList<IReadOnlyList<ClassifiedBeat>?> LeadBeats { get; init; } = [];

    /// <summary>
    /// Whether an insight used up its time: the document says so under <c>notComputed</c>, and another attempt may find more.
    /// </summary>
    public bool HasOverrun { get; init; }

    /// <summary>The document in UTF-8: <c>engineVersion</c>, <c>definitions</c>, <c>recording</c>, <c>leads[]</c>, <c>global</c>, <c>notComputed[]</c>, <c>disclaimer</c>.</summary>
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
        JsonSerializer.Serialize(json, AnalysisEngine.Definitions, Json);
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

    /// <summary>Each under its name. One that has a number that JSON cannot say is no insight, and takes nothing else with it.</summary>
    private static void WriteValues(Utf8JsonWriter json, string? lead, IReadOnlyDictionary<string, object> values, List<NotComputed> notComputed)
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
