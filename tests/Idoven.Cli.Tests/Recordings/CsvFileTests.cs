using Idoven.Cli.Errors;
using Idoven.Cli.Recordings;
using Microsoft.Extensions.Time.Testing;

namespace Idoven.Cli.Tests.Recordings;

public sealed class CsvFileTests : IDisposable
{
    private readonly TempFolder files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public void Header_row_names_the_leads()
    {
        var recording = Read("\uFEFFI,\"V1\"\r\n1,-2\r\n3,4\r\n\r\n");
        Assert.Equal(["I", "V1"], recording.Leads.Select(lead => lead.Name));
        Assert.Equal([1, 3], recording.Leads[0].Samples);
        Assert.Equal([-2, 4], recording.Leads[1].Samples);
        Assert.Equal("r", recording.ExternalId);
        Assert.Null(recording.SamplingFrequency);
    }

    [Theory]
    [InlineData("time", ",")]
    [InlineData("Elapsed time (s)", ";")]
    [InlineData("sample #", "\t")]
    [InlineData("T", ",")]
    public void First_column_with_times_is_not_a_lead(string name, string separator)
    {
        var recording = Read(string.Join(separator, name, "I", "II") + "\n" + string.Join(separator, "0.5", "7", "8") + "\n");
        Assert.Equal(["I", "II"], recording.Leads.Select(lead => lead.Name));
        Assert.Equal([7], recording.Leads[0].Samples);
    }

    [Fact]
    public void Without_a_header_every_column_is_a_lead()
    {
        var recording = Read("1,2\n3,4\n");
        Assert.Equal(["lead 1", "lead 2"], recording.Leads.Select(lead => lead.Name));
        Assert.Equal([2, 4], recording.Leads[1].Samples);
    }

    [Fact]
    public void Integers_in_any_notation_are_read_unchanged() =>
        Assert.Equal([5, -3, 1000, int.MinValue], Read(" 5\n-3.0\n1e3\n-2147483648\n").Leads[0].Samples);

    [Fact]
    public void Scale_multiplies_and_rounds()
    {
        var recording = Read("0.1234\n-0.5006\n2\n", new CsvOptions(Scale: 1000, SamplingFrequency: 500));
        Assert.Equal([123, -501, 2000], recording.Leads[0].Samples);
        Assert.Equal(500, recording.SamplingFrequency);
    }

    [Theory]
    [InlineData("I\n1\n2.5\n", "r.csv:3: 2.5 is not an integer. --scale N multiplies by N and rounds (1000 converts mV to uV).")]
    [InlineData("I\n1\nNaN\n", "r.csv:3: 'NaN' is not a number.")]
    [InlineData("I\n1\n\nx\n", "r.csv:4: 'x' is not a number.")]
    [InlineData("I,II\n1,\n", "r.csv:2: '' is not a number.")]
    [InlineData("I,II\n1,2\n3\n", "r.csv:3: The row has 1 values, but the first row has 2.")]
    [InlineData("3000000000\n", "r.csv:1: 3000000000 does not fit in 32 bits.")]
    [InlineData("I,II\n", "r.csv: has no samples.")]
    [InlineData("time\n1\n", "r.csv: has no samples.")]
    [InlineData("", "r.csv: has no samples.")]
    public void Invalid_file_is_reported_with_its_line(string text, string message) =>
        Assert.Equal(files.Path(message), Assert.Throws<BadFileException>(() => Read(text)).Message);

    [Fact]
    public void Real_telehealth_recording_in_millivolts_is_read()
    {
        var path = RealEcgs.Path("tele/155.csv");
        var recording = CsvFile.Read(path, new CsvOptions(Scale: 1000), TimeProvider.System);
        Assert.Equal([214, 250, 271], recording.Leads[0].Samples[..3]);
        Assert.Equal(File.ReadLines(path).Count(), recording.Leads[3].Samples.Length);
    }

    private Recording Read(string text, CsvOptions? options = null) =>
        CsvFile.Read(files.Write("r.csv", text), options ?? new(), new FakeTimeProvider());
}
