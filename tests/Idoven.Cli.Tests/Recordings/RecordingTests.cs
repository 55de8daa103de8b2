using System.Text.Json;
using Idoven.Cli.Recordings;
using Microsoft.Extensions.Time.Testing;

namespace Idoven.Cli.Tests.Recordings;

public sealed class RecordingTests
{
    private static readonly DateTimeOffset Date = new(2026, 11, 24, 20, 15, 0, TimeSpan.FromHours(1));

    [Fact]
    public async Task Body_has_the_members_of_the_upload_format()
    {
        var recording = new Recording("r", Date, [new Lead("I", [1, -2]), new Lead("Ü\"", [int.MinValue])])
        {
            SamplingFrequency = 360.5,
            Unit = "uV",
            Gain = 200,
            AdcZero = 0,
            ExternalId = new string('x', 200),
        };
        var expected = JsonElement.Parse(
            $$"""
            { "date": "2026-11-24T20:15:00+01:00", "samplingFrequency": 360.5, "gain": 200, "adcZero": 0, "unit": "uV",
              "externalId": "{{new string('x', 128)}}",
              "leads": [{ "name": "I", "samples": 2, "signal": [1, -2] }, { "name": "Ü\"", "samples": 1, "signal": [-2147483648] }] }
            """);
        Assert.True(JsonElement.DeepEquals(expected, JsonElement.Parse(await Body(recording))), "the body differs");
    }

    [Fact]
    public async Task Unknown_metadata_is_omitted_from_the_body() =>
        Assert.Equal(["date", "leads"], JsonElement.Parse(await Body(new Recording("r", Date, [new Lead("I", [1])])))
            .EnumerateObject().Select(member => member.Name));

    [Fact]
    public async Task Long_signal_is_written_in_chunks()
    {
        var samples = Enumerable.Range(0, 300_000).ToArray();
        var output = new LargestWrite();
        var length = await new Recording("r", Date, [new Lead("I", samples)]).Write(output, default);
        Assert.Equal(output.Length, length);
        Assert.InRange(output.Largest, 1, 80 * 1024);
        var lead = JsonElement.Parse(output.ToArray()).GetProperty("leads")[0];
        Assert.Equal(samples, lead.GetProperty("signal").Deserialize<int[]>());
    }

    [Theory]
    [InlineData(5000, 500.0, "r: I; 5,000 samples each at 500 Hz (10 s)")]
    [InlineData(650_000, 360.0, "r: I; 650,000 samples each at 360 Hz (30 min 6 s)")]
    [InlineData(10_000_000, 333.333, "r: I; 10,000,000 samples each at 333.333 Hz (8 h 20 min)")]
    [InlineData(3, null, "r: I; 3 samples each")]
    public void Description_has_leads_samples_frequency_and_duration(int samples, double? frequency, string description) =>
        Assert.Equal(
            description, new Recording("r", Date, [new Lead("I", new int[samples])]) { SamplingFrequency = frequency }.Description);

    [Fact]
    public void Synthetic_recording_notes_its_number_of_beats()
    {
        var recording = SyntheticRecording.Create(new FakeTimeProvider(Date));
        Assert.Equal(12, recording.Leads.Count);
        Assert.Equal((Date, "uV", 1, 0), (recording.Date, recording.Unit, recording.Gain, recording.AdcZero));
        Assert.Equal(
            "generated with 36 beats: 33 normal, 2 ventricular ectopic and 1 supraventricular ectopic", Assert.Single(recording.Notes));
    }

    private static async Task<byte[]> Body(Recording recording)
    {
        using var output = new MemoryStream();
        Assert.Equal(await recording.Write(output, default), output.Length);
        return output.ToArray();
    }

    private sealed class LargestWrite : MemoryStream
    {
        public int Largest { get; private set; }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Largest = Math.Max(Largest, buffer.Length);
            return base.WriteAsync(buffer, cancellationToken);
        }
    }
}
