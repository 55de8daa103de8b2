using Idoven.Cli.Errors;
using Idoven.Cli.Recordings;
using Idoven.Cli.Recordings.Wfdb;
using Microsoft.Extensions.Time.Testing;

namespace Idoven.Cli.Tests.Recordings;

public sealed class WfdbRecordTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 20, 15, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider clock = new(Now);
    private readonly TempFolder files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public void Gain_unit_and_ADC_zero_are_sent_if_all_signals_have_the_same()
    {
        files.Write("r.dat", 1, 0, 2, 0);
        var alike = Read("r 2 360 1", "r.dat 16 200(5)/uV 11 1024 1 1 0 I", "r.dat 16 200/uV 11 1024 2 2 0 II");
        Assert.Equal((200, "uV", 1024, 360), (alike.Gain, alike.Unit, alike.AdcZero, alike.SamplingFrequency));
        Assert.Equal(("r", Now), (alike.ExternalId, alike.Date));

        var unlike = Read("r 2 360 1", "r.dat 16 200 11 1024 1 1 0 I", "r.dat 16 100 11 0 2 2 0 II");
        Assert.Equal((null, null, null), (unlike.Gain, unlike.Unit, unlike.AdcZero));
        Assert.Equal("mV", Read("r 1 360 2", "r.dat 16 200").Unit);
        Assert.Null(Read("r 1 360 2", "r.dat 16 0/mV").Gain);
        Assert.Null(Read("r 1 360 2", "r.dat 16 -200/mV").Gain);
    }

    [Fact]
    public void Short_header_uses_the_defaults_of_the_format()
    {
        files.Write("r.dat", 1, 0, 2, 0, 0xff, 0xff);
        var recording = Read("# made by hand", "", "r 1", "r.dat 16");
        Assert.Equal([1, 2, -1], Assert.Single(recording.Leads).Samples);
        Assert.Equal(("lead 1", 250.0), (recording.Leads[0].Name, recording.SamplingFrequency));
        Assert.Equal((null, null, null), (recording.Gain, recording.Unit, recording.AdcZero));
    }

    [Fact]
    public void Date_in_the_header_is_used_as_UTC_with_a_note()
    {
        files.Write("r.dat", 0, 0);
        var recording = Read("r 1 360 1 8:26:04.5 26/10/1994", "r.dat 16");
        Assert.Equal(new DateTimeOffset(1994, 10, 26, 8, 26, 4, 500, TimeSpan.Zero), recording.Date);
        Assert.Contains("UTC", Assert.Single(recording.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Descriptions_become_unique_lead_names_and_keep_their_spaces()
    {
        files.Write("r.dat", [.. Enumerable.Repeat((byte)0, 6)]);
        var recording = Read(
            "r 3 360 1",
            "r.dat 16 200 11 0 0 0 0 lead II  (left)",
            "r.dat 16 200 11 0 0 0 0 lead II  (left)",
            "r.dat 16 200 11 0 0 0 0");
        Assert.Equal(["lead II  (left)", "lead II  (left) (2)", "lead 3"], recording.Leads.Select(lead => lead.Name));
    }

    [Fact]
    public void Signals_are_read_from_several_files_and_formats()
    {
        files.Write("a.dat", 0x12, 0x73, 0x04, 0x05, 0x08, 0x00);
        files.Write("b.dat", 0x7F, 0x80, 0x00);
        var recording = Read("r 2 100 3", "a.dat 212 200 12 0 786 0 0 A", "b.dat 80 200 8 0 -1 0 0 B");
        Assert.Equal([0x312, 0x704, 0x805 - 0x1000], recording.Leads[0].Samples);
        Assert.Equal([-1, 0, -128], recording.Leads[1].Samples);
    }

    [Theory]
    [InlineData("r.hea:3: The checksum must be 4, but the samples in r.dat have 3.", "r 1 360 2", "", "r.dat 16 200 11 0 1 4 0 I")]
    [InlineData("r.hea:2: The first sample must be 2, but r.dat has 1.", "r 1 360 2", "r.dat 16 200 11 0 2 3 0 I")]
    [InlineData("r.hea:2: r.dat has 2 samples of each signal, but the header says 3.", "r 1 360 3", "r.dat 16")]
    [InlineData("r.hea:2: r.dat has 2 samples of each signal, but the header says 4000000000.", "r 1 360 4000000000", "r.dat 16")]
    [InlineData(
        "r.hea:2: Signal format 508 is not supported. Supported are 8, 16, 24, 32, 61, 80, 160, 212, 310, 311.",
        "r 1 360 2",
        "r.dat 508")]
    [InlineData("r.hea:2: gone.dat does not exist.", "r 1 360 2", "gone.dat 16")]
    [InlineData("r.hea:2: '../r.dat' is not a file in the folder of the header.", "r 1 360 2", "../r.dat 16")]
    [InlineData("r.hea:2: 'x200' is not a valid gain, such as 200(1024)/mV.", "r 1 360 2", "r.dat 16 x200")]
    [InlineData("r.hea:2: 'x' is not a valid checksum.", "r 1 360 2", "r.dat 16 200 11 0 1 x")]
    [InlineData("r.hea:2: A signal line must start with a file name and a format, such as 212.", "r 1 360 2", "r.dat sixteen")]
    [InlineData("r.hea:2: '0' is not a valid number of samples per frame.", "r 1 360 2", "r.dat 16x0")]
    [InlineData("r.hea:2: The signals in r.dat must have the same format and offset.", "r 2 360 1", "r.dat 16", "r.dat 61")]
    [InlineData("r.hea:2: The signal is 4 frames behind the others. Such records are not supported.", "r 1 360 2", "r.dat 16:4")]
    [InlineData("r.hea:1: '0' is not a valid sampling frequency.", "r 1 0 2", "r.dat 16")]
    [InlineData("r.hea:1: '0' is not a valid number of signals or segments.", "r 0 360 2")]
    [InlineData("r.hea:1: The record line must have a name and a number of signals.", "r")]
    [InlineData("r.hea:1: '8 o'clock' is not a valid time and date, such as 17:27:45 15/08/1994.", "r 1 360 2 8 o'clock", "r.dat 16")]
    [InlineData("r.hea: The record line announces 2 lines, but 1 follow.", "r 2 360 2", "r.dat 16")]
    [InlineData("r.hea: The file has no record line.", "# nothing")]
    [InlineData("r.hea:2: Records with gaps or changing signals are not supported.", "r/1 1 360 2", "~ 2")]
    public void Invalid_header_is_reported_with_its_line(string message, params string[] header)
    {
        files.Write("r.dat", 1, 0, 2, 0);
        var rejected = Assert.Throws<BadFileException>(() => Read(header));
        Assert.Equal(files.Path(message), rejected.Message);
        Assert.Equal(CliException.Failed, rejected.ExitCode);
    }

    [Fact]
    public void Segments_with_different_signals_are_rejected()
    {
        files.Write("s.dat", 1, 0, 2, 0);
        files.Write("a.hea", "a 1 360 2\ns.dat 16 200 11 0 1 3 0 I\n");
        files.Write("b.hea", "b 1 360 2\ns.dat 16 200 11 0 1 3 0 II\n");
        Assert.Equal([1, 2, 1, 2], Read("r/2 1 360 4", "a 2", "a 2").Leads[0].Samples);
        Assert.EndsWith(
            "r.hea:3: Segment b has another length, sampling frequency or set of signals.",
            Assert.Throws<BadFileException>(() => Read("r/2 1 360 4", "a 2", "b 2")).Message,
            StringComparison.Ordinal);
        Assert.EndsWith(
            "r.hea:2: Segment a has another length, sampling frequency or set of signals.",
            Assert.Throws<BadFileException>(() => Read("r/2 1 360 4", "a 3", "a 1")).Message,
            StringComparison.Ordinal);
    }

    private Recording Read(params string[] header) => WfdbRecord.Read(files.Write("r.hea", string.Join("\r\n", header)), clock);
}
