using System.Text.Json;

namespace Idoven.Cli.Recordings;

/// <summary>Represents a lead with its name in the upload.</summary>
internal sealed record Lead(string Name, int[] Samples);

/// <summary>Represents a recording in memory, with the metadata of its upload.</summary>
internal sealed record Recording(string Name, DateTimeOffset Date, IReadOnlyList<Lead> Leads) : IUpload
{
    private const int FlushBytes = 64 * 1024;
    private const int MaxExternalIdLength = 128;

    /// <summary>Gets the samples per second; null if unknown.</summary>
    public double? SamplingFrequency { get; init; }

    /// <summary>Gets the physical unit; null if unknown.</summary>
    public string? Unit { get; init; }

    /// <summary>Gets the sample values per physical unit; null if unknown.</summary>
    public double? Gain { get; init; }

    /// <summary>Gets the ADC zero; null if unknown.</summary>
    public int? AdcZero { get; init; }

    /// <summary>Gets the identifier of the recording at its source; null if there is none.</summary>
    public string? ExternalId { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <inheritdoc/>
    public string Description
    {
        get
        {
            var lengths = Leads.Select(lead => lead.Samples.Length).Distinct().ToList();
            var samples = lengths is [var one] ? $"{one:N0} samples each" : "leads of different lengths";
            var time = SamplingFrequency is { } hz ? $" at {hz:0.###} Hz ({FormatDuration(lengths.Max() / hz)})" : "";
            return $"{Name}: {string.Join(", ", Leads.Select(lead => lead.Name))}; {samples}{time}";
        }
    }

    /// <inheritdoc/>
    public async Task<long> Write(Stream output, CancellationToken ct)
    {
        await using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteString("date", Date);
        WriteIfKnown(json, "samplingFrequency", SamplingFrequency);
        WriteIfKnown(json, "gain", Gain);
        WriteIfKnown(json, "adcZero", AdcZero);
        WriteIfKnown(json, "unit", Unit);
        WriteIfKnown(json, "externalId", ExternalId is null ? null : LeadNames.Truncate(ExternalId, MaxExternalIdLength));
        json.WriteStartArray("leads");
        foreach (var lead in Leads)
        {
            json.WriteStartObject();
            json.WriteString("name", lead.Name);
            json.WriteNumber("samples", lead.Samples.Length);
            json.WriteStartArray("signal");
            foreach (var sample in lead.Samples)
            {
                json.WriteNumberValue(sample);
                if (json.BytesPending > FlushBytes)
                {
                    await json.FlushAsync(ct);
                }
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        await json.FlushAsync(ct);
        return json.BytesCommitted;
    }

    private static string FormatDuration(double seconds)
    {
        var time = TimeSpan.FromSeconds(Math.Round(seconds));
        return seconds < 60 ? $"{seconds:0.#} s"
            : seconds < 3600 ? $"{time.Minutes} min {time.Seconds} s"
            : $"{Math.Floor(time.TotalHours)} h {time.Minutes} min";
    }

    private static void WriteIfKnown(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } known)
        {
            json.WriteNumber(name, known);
        }
    }

    private static void WriteIfKnown(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
