using System.Text.Json;
using System.Text.Json.Serialization;

namespace Idoven.Ecgs.Analysis;

/// <summary>The insights of one recording as one JSON document.</summary>
/// <param name="recording">What was known of the recording.</param>
/// <param name="leads">Its leads' insights, in the order of the upload.</param>
public sealed class InsightDocument(RecordingInfo recording, IReadOnlyList<LeadInsights> leads)
{
    /// <summary>Stands in every document.</summary>
    public const string Disclaimer = "Measurements with stated definitions. Not a medical device, not for diagnosis.";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>The leads' insights.</summary>
    public IReadOnlyList<LeadInsights> Leads { get; } = leads;

    /// <summary>The document in UTF-8: <c>engineVersion</c>, <c>definitions</c>, <c>recording</c>, <c>leads[]</c>, <c>notComputed[]</c>, <c>disclaimer</c>.</summary>
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
            foreach (var (name, value) in lead.Values)
            {
                json.WritePropertyName(name);
                JsonSerializer.Serialize(json, value, value.GetType(), Json);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WritePropertyName("notComputed");
        JsonSerializer.Serialize(json, Leads.SelectMany(lead => lead.NotComputed), Json);
        json.WriteString("disclaimer", Disclaimer);
        json.WriteEndObject();
    }
}
