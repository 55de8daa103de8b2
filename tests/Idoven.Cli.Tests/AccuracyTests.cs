using System.Xml.Linq;
using Idoven.Cli.Accuracy;
using Idoven.Cli.Errors;
using Idoven.Cli.Recordings.Wfdb;
using Idoven.Cli.Tests.Recordings;
using Idoven.Ecgs.Analysis.Beats;

namespace Idoven.Cli.Tests;

public sealed class AccuracyTests
{
    [Fact]
    public async Task Report_of_a_real_record_has_beats_classes_and_plot()
    {
        using var folder = new TempFolder();
        foreach (var file in new[] { "100.hea", "100.dat", "100.atr" })
        {
            File.Copy(RealEcgs.Path($"mitdb/{file}"), folder.Path(file));
        }

        var report = folder.Path("accuracy.md");
        var progress = new StringWriter();
        await Measure(progress, folder.Path("."), "--report", report);

        var page = await File.ReadAllTextAsync(report);
        Assert.Contains("| 100 | 2,273 | 100.00 / 100.00 | 0 | 0 |", page, StringComparison.Ordinal);
        Assert.Contains("(32 of 33)", page, StringComparison.Ordinal);
        Assert.Contains("accuracy.svg", page, StringComparison.Ordinal);
        Assert.Equal("svg", XDocument.Load(folder.Path("accuracy.svg")).Root!.Name.LocalName);
        Assert.Contains("1 of 1  100", progress.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Annotations_of_records_with_flutter_and_paced_beats_are_read()
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
    public void Incomplete_annotations_are_rejected(string hex)
    {
        using var folder = new TempFolder();
        var path = folder.Write("x.atr", Convert.FromHexString(hex));
        Assert.StartsWith(path, Assert.Throws<BadFileException>(() => WfdbAnnotations.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folder_without_records_is_rejected()
    {
        using var folder = new TempFolder();
        var missing = folder.Path("none");
        foreach (var path in new[] { folder.Path("."), missing })
        {
            await Assert.ThrowsAsync<BadFileException>(() => Measure(TextWriter.Null, path));
        }
    }

    [Theory]
    [InlineData]
    [InlineData("a", "b")]
    [InlineData("a", "--report")]
    [InlineData("a", "--other")]
    public void Invalid_command_line_is_rejected(params string[] arguments) =>
        Assert.Throws<UsageException>(() => AccuracyOptions.Parse(arguments));

    private static Task Measure(TextWriter progress, params string[] arguments) =>
        new MeasureAccuracy(AccuracyOptions.Parse(arguments), TextWriter.Null, progress, TimeProvider.System).Run(CancellationToken.None);
}
