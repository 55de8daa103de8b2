using System.Xml.Linq;

namespace Idoven.Cli.Tests;

public sealed class EcgPlotTests
{
    private static readonly BeatResponse[] Beats = [new(100, "N"), new(5000, "S"), new(9000, "V"), new(9300, "N"), new(40_000, "N")];

    [Fact]
    public void Plot_has_a_line_for_each_lead_and_a_mark_for_each_beat_in_range()
    {
        PlottedLead[] leads = [new("V1 & V2", [1, 5, -3]), new("flat", [7, 7])];
        var svg = XDocument.Parse(EcgPlot.Draw("a <title>", leads, 7900, 360, Beats)).Root!;
        XName Name(string name) => XName.Get(name, svg.Name.NamespaceName);

        var lines = svg.Elements(Name("polyline")).Select(line => (string)line.Attribute("points")!).ToList();
        Assert.Equal([3, 2], lines.Select(points => points.Split(' ').Length));
        Assert.StartsWith("60,", lines[0], StringComparison.Ordinal);
        var texts = svg.Elements(Name("text")).Select(text => text.Value).ToList();
        Assert.Equal(["V", "N"], texts.Where(text => text is "N" or "S" or "V"));
        Assert.Contains("V1 & V2", texts);
        Assert.Equal("a <title>", texts[0]);
    }

    [Fact]
    public void Plot_starts_three_seconds_before_the_first_ectopic_beat_within_the_recording()
    {
        Assert.Equal(9000 - (3 * 360), EcgPlot.FindStart(Beats, 360, 650_000));
        Assert.Equal(5000 - (3 * 360), EcgPlot.FindStart([.. Beats.Where(beat => beat.Class != "V")], 360, 650_000));
        Assert.Equal(0, EcgPlot.FindStart([Beats[0]], 360, 650_000));
        Assert.Equal(400, EcgPlot.FindStart(Beats, 360, 4000));
        Assert.Equal(0, EcgPlot.FindStart(Beats, 360, 100));
    }
}
