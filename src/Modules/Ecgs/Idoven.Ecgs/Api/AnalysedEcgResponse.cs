using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Idoven.Ecgs.Domain;

namespace Idoven.Ecgs.Api;

/// <summary>An ECG and its insights. The form is for the document: <see cref="Render"/> writes it.</summary>
/// <param name="Ecg">The ECG, whose members stand here.</param>
/// <param name="Insights">The same as <c>GET /api/v1/ecgs/{id}/insights</c> returns.</param>
internal sealed record AnalysedEcgResponse(
    [property: JsonIgnore] EcgResponse Ecg, [property: JsonPropertyOrder(1)] InsightsResponse Insights) : EcgResponse(Ecg)
{
    private const int InitialBytesOfEcg = 1024;

    public static new readonly string Example = $$"""{{{MembersOfAnalysed}},"insights":{{InsightsResponse.Example}}}""";

    private static string MembersOfAnalysed => EcgResponse.Example.Trim().TrimStart('{')[..^1]
        .Replace("\"status\":\"queued\"", "\"status\":\"processed\"", StringComparison.Ordinal)
        .Replace("\"processedAt\":null", "\"processedAt\":\"2026-11-23T09:16:01+00:00\"", StringComparison.Ordinal);

    /// <param name="insights">The stored document: JSON.</param>
    /// <returns>The response as JSON.</returns>
    public static ReadOnlyMemory<byte> Render(Ecg ecg, byte[] insights)
    {
        var buffer = new ArrayBufferWriter<byte>(insights.Length + InitialBytesOfEcg);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        foreach (var member in JsonSerializer.SerializeToElement(Of(ecg), JsonSerializerOptions.Web).EnumerateObject())
        {
            member.WriteTo(writer);
        }

        writer.WritePropertyName("insights");
        writer.WriteRawValue(insights, skipInputValidation: true);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }
}
