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
    public void Gain_unit_and_zero_are_sent_where_all_signals_agree()
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
    public void A_short_header_has_the_formats_defaults()
    {
        files.Write("r.dat", 1, 0, 2, 0, 0xff, 0xff);
        var recording = Read("# made by hand", "", "r 1", "r.dat 16");
        Assert.Equal([1, 2, -1], Assert.Single(recording.Leads).Samples);
        Assert.Equal(("lead 1", 250.0), (recording.Leads[0].Name, recording.SamplingFrequency));
        Assert.Equal((null, null, null), (recording.Gain, recording.Unit, recording.AdcZero));
    }

    [Fact]
    public void The_date_of_the_header_is_taken_as_utc_and_that_is_said()
    {
        files.Write("r.dat", 0, 0);
        var recording = Read("r 1 360 1 8:26:04.5 26/10/1994", "r.dat 16");
        Assert.Equal(new DateTimeOffset(1994, 10, 26, 8, 26, 4, 500, TimeSpan.Zero), recording.Date);
        Assert.Contains("UTC", Assert.Single(recording.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_description_is_a_name_blanks_and_all_and_each_stands_once()
    {
        files.Write("r.dat", [.. Enumerable.Repeat((byte)0, 6)]);
        var recording = Read("r 3 360 1", "r.dat 16 200 11 0 0 0 0 lead II  (left)", "r.dat 16 200 11 0 0 0 0 lead II  (left)", "r.dat 16 200 11 0 0 0 0");
        Assert.Equal(["lead II  (left)", "lead II  (left) (2)", "lead 3"], recording.Leads.Select(lead => lead.Name));
    }

    [Fact]
    public void Signals_may_lie_in_several_files_of_several_formats()
    {
        files.Write("a.dat", 0x12, 0x73, 0x04, 0x05, 0x08, 0x00);
        files.Write("b.dat", 0x7F, 0x80, 0x00);
        var recording = Read("r 2 100 3", "a.dat 212 200 12 0 786 0 0 A", "b.dat 80 200 8 0 -1 0 0 B");
        Assert.Equal([0x312, 0x704, 0x805 - 0x1000], recording.Leads[0].Samples);
        Assert.Equal([-1, 0, -128], recording.Leads[1].Samples);
    }

    [Theory]
    [InlineData("r.hea:3: the checksum should be 4; that of the samples in r.dat is 3.", "r 1 360 2", "", "r.dat 16 200 11 0 1 4 0 I")]
    [InlineData("r.hea:2: the first sample should be 2; r.dat has 1.", "r 1 360 2", "r.dat 16 200 11 0 2 3 0 I")]
    [InlineData("r.hea:2: r.dat holds 2 samples of each signal, the header says 3.", "r 1 360 3", "r.dat 16")]
    [InlineData("r.hea:2: r.dat holds 2 samples of each signal, the header says 4000000000.", "r 1 360 4000000000", "r.dat 16")]
    [InlineData("r.hea:2: signal format 508 is not read here; 8, 16, 24, 32, 61, 80, 160, 212, 310, 311 are.", "r 1 360 2", "r.dat 508")]
    [InlineData("r.hea:2: gone.dat is not there.", "r 1 360 2", "gone.dat 16")]
    [InlineData("r.hea:2: '../r.dat' is not a file beside the header.", "r 1 360 2", "../r.dat 16")]
    [InlineData("r.hea:2: 'x200' is not a gain, such as 200(1024)/mV.", "r 1 360 2", "r.dat 16 x200")]
    [InlineData("r.hea:2: 'x' is not a checksum.", "r 1 360 2", "r.dat 16 200 11 0 1 x")]
    [InlineData("r.hea:2: a signal line begins with a file name and a format, such as 212.", "r 1 360 2", "r.dat sixteen")]
    [InlineData("r.hea:2: '0' is not a samples a frame.", "r 1 360 2", "r.dat 16x0")]
    [InlineData("r.hea:2: the signals in r.dat are not of one format and offset.", "r 2 360 1", "r.dat 16", "r.dat 61")]
    [InlineData("r.hea:2: the signal lags 4 frames behind the others; such records are not read here.", "r 1 360 2", "r.dat 16:4")]
    [InlineData("r.hea:1: '0' is not a sampling frequency.", "r 1 0 2", "r.dat 16")]
    [InlineData("r.hea:1: '0' is not a number of signals or segments.", "r 0 360 2")]
    [InlineData("r.hea:1: a record line has a name and a number of signals.", "r")]
    [InlineData("r.hea:1: '8 o'clock' is not a time and a date, such as 17:27:45 15/08/1994.", "r 1 360 2 8 o'clock", "r.dat 16")]
    [InlineData("r.hea: the record line promises 2 lines, 1 follow.", "r 2 360 2", "r.dat 16")]
    [InlineData("r.hea: has no record line.", "# nothing")]
    [InlineData("r.hea:2: records with gaps or changing signals are not read here.", "r/1 1 360 2", "~ 2")]
    public void What_is_wrong_is_named_with_its_line(string message, params string[] header)
    {
        files.Write("r.dat", 1, 0, 2, 0);
        var refused = Assert.Throws<BadFileException>(() => Read(header));
        Assert.Equal(files.Path(message), refused.Message);
        Assert.Equal(CliException.Failed, refused.ExitCode);
    }

    [Fact]
    public void Segments_with_other_signals_are_refused()
    {
        files.Write("s.dat", 1, 0, 2, 0);
        files.Write("a.hea", "a 1 360 2\ns.dat 16 200 11 0 1 3 0 I\n");
        files.Write("b.hea", "b 1 360 2\ns.dat 16 200 11 0 1 3 0 II\n");
        Assert.Equal([1, 2, 1, 2], Read("r/2 1 360 4", "a 2", "a 2").Leads[0].Samples);
        Assert.EndsWith("r.hea:3: segment b has another length, frequency or set of signals.", Assert.Throws<BadFileException>(() => Read("r/2 1 360 4", "a 2", "b 2")).Message, StringComparison.Ordinal);
        Assert.EndsWith("r.hea:2: segment a has another length, frequency or set of signals.", Assert.Throws<BadFileException>(() => Read("r/2 1 360 4", "a 3", "a 1")).Message, StringComparison.Ordinal);
    }

    private Recording Read(params string[] header) => WfdbRecord.Read(files.Write("r.hea", string.Join("\r\n", header)), clock);
}
