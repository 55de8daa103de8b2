using System.Text;
using System.Text.Json;
using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Api.Download;

namespace Idoven.Ecgs.Tests.Api.Download;

public sealed class BeatFormatTests
{
    private static readonly ClassifiedBeat[] Beats = [new(77.25, BeatClass.N), new(1099.6, BeatClass.S), new(1100 + 1023, BeatClass.V),
        new(200_000.4, BeatClass.N)];

    [Fact]
    public void Json_names_sample_time_and_class()
    {
        using var document = JsonDocument.Parse(BeatFormat.Write(BeatFormat.Json, "II", "1.3.1", 360, Beats));
        Assert.Equal(
            """{"lead":"II","engineVersion":"1.3.1","samplingFrequency":360,"beats":["""
            + """{"sample":77,"timeMs":214.583,"class":"N"},{"sample":1100,"timeMs":3054.444,"class":"S"},"""
            + """{"sample":2123,"timeMs":5897.222,"class":"V"},{"sample":200000,"timeMs":555556.667,"class":"N"}]}""",
            document.RootElement.GetRawText());
    }

    [Fact]
    public void Csv_has_one_line_per_beat() => Assert.Equal(
        "sample,timeMs,class\n77,214.583,N\n1100,3054.444,S\n2123,5897.222,V\n200000,555556.667,N\n",
        Encoding.ASCII.GetString(BeatFormat.Write(BeatFormat.Csv, null, "1.3.1", 360, Beats)));

    [Fact]
    public void Annotation_file_has_codes_and_intervals_and_SKIP_for_more_than_ten_bits() =>

        // N after 77; S after 1023; V after 1023; SKIP 197877 = 0x000304F5, high word first; N; the end.
        Assert.Equal("4d04" + "ff27" + "ff17" + "00ec" + "0300" + "f504" + "0004" + "0000",
            Convert.ToHexStringLower(BeatFormat.Write(BeatFormat.Wfdb, null, "1.3.1", 360, Beats)));

    [Theory]
    [InlineData(1023, "ff07" + "0000")]
    [InlineData(1024, "00ec" + "0000" + "0004" + "0004" + "0000")]
    [InlineData(65_536, "00ec" + "0100" + "0000" + "0004" + "0000")]
    public void An_interval_of_more_than_1023_samples_is_written_with_SKIP(double sample, string bytes) =>
        Assert.Equal(bytes,
            Convert.ToHexStringLower(BeatFormat.Write(BeatFormat.Wfdb, null, "1.3.1", 360, [new ClassifiedBeat(sample, BeatClass.N)])));

    [Fact]
    public void Without_beats_the_list_is_empty_and_the_annotation_file_has_only_its_end()
    {
        Assert.Equal("0000", Convert.ToHexStringLower(BeatFormat.Write(BeatFormat.Wfdb, null, "1.3.1", 360, [])));
        Assert.Equal("sample,timeMs,class\n", Encoding.ASCII.GetString(BeatFormat.Write(BeatFormat.Csv, null, "1.3.1", 360, [])));
    }
}
