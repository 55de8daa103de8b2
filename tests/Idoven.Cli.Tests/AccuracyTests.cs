using System.Xml.Linq;
using Idoven.Cli.Accuracy;
using Idoven.Cli.Recordings;
using Idoven.Cli.Recordings.Wfdb;
using Idoven.Cli.Tests.Recordings;
using Idoven.Ecgs.Analysis.Beats;

namespace Idoven.Cli.Tests;

public sealed class AccuracyTests
{
    [Fact]
    public async Task The_report_of_a_real_record_has_its_beats_its_classes_and_its_plot()
    {
        using var folder = new TempFolder();
        foreach (var file in new[] { "100.hea", "100.dat", "100.atr" })
        {
            File.Copy(RealEcgs.Path($"mitdb/{file}"), folder.Path(file));
        }

        var report = folder.Path("accuracy.md");
        var progress = new StringWriter();
        await new MeasureAccuracy(AccuracyOptions.Parse([folder.Path("."), "--report", report]), TextWriter.Null, progress, TimeProvider.System).Run(CancellationToken.None);

        var page = await File.ReadAllTextAsync(report);
        Assert.Contains("| 100 | 2,273 | 100.00 / 100.00 | 0 | 0 |", page, StringComparison.Ordinal);
        Assert.Contains("(32 of 33)", page, StringComparison.Ordinal);
        Assert.Contains("accuracy.svg", page, StringComparison.Ordinal);
        Assert.Equal("svg", XDocument.Load(folder.Path("accuracy.svg")).Root!.Name.LocalName);
        Assert.Contains("1 of 1  100", progress.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Annotations_of_a_record_with_flutter_are_read()
    {
        var annotations = WfdbAnnotations.Read(RealEcgs.Path("mitdb/207.atr"));
        Assert.Equal(6, annotations.Flutter.Count);
        Assert.Equal(1860, annotations.Beats.Count(beat => !annotations.Flutter.Any(range => range.Contains(beat.Sample))));
        Assert.Equal((105 + 105, false), (annotations.Beats.Count(beat => beat.Class == BeatClass.V), annotations.IsPaced));
        Assert.True(WfdbAnnotations.Read(RealEcgs.Path("mitdb/104.atr")).IsPaced);
    }

    [Theory]
    [InlineData("")]
    [InlineData("01")]
    [InlineData("0104")]
    [InlineData("00EC01")]
    public void Annotations_that_are_cut_off_are_refused(string hex)
    {
        using var folder = new TempFolder();
        var path = folder.Write("x.atr", Convert.FromHexString(hex));
        Assert.StartsWith(path, Assert.Throws<BadFileException>(() => WfdbAnnotations.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_records_is_refused()
    {
        using var folder = new TempFolder();
        var missing = folder.Path("none");
        foreach (var path in new[] { folder.Path("."), missing })
        {
            await Assert.ThrowsAsync<BadFileException>(
                () => new MeasureAccuracy(AccuracyOptions.Parse([path]), TextWriter.Null, TextWriter.Null, TimeProvider.System).Run(CancellationToken.None));
        }
    }

    [Theory]
    [InlineData]
    [InlineData("a", "b")]
    [InlineData("a", "--report")]
    [InlineData("a", "--other")]
    public void A_wrong_command_line_is_refused(params string[] arguments) => Assert.Throws<UsageException>(() => AccuracyOptions.Parse(arguments));
}
