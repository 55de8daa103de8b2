using Idoven.Ecgs.Analysis.Beats;

namespace Idoven.Ecgs.Analysis.Tests.Beats;

public sealed class TemplateFinderTests
{
    private const int Lag = 2;
    private const int Length = 21;

    [Fact]
    public void Certain_beats_are_grouped_by_waveform_and_only_again_if_they_change()
    {
        var candidates = Enumerable.Range(0, 20).Select(i => Beat(i % 4 == 0 ? 1 : 2, amplitude: i)).ToArray();
        var finder = new TemplateFinder(Length);
        finder.Reset();
        var found = finder.Find(candidates);
        Assert.Equal(2, found.Waveforms.Length);
        Assert.Equal([10, 8], found.Amplitudes);

        candidates[3].Score = 5;
        Assert.Same(found, finder.Find(candidates));

        candidates[3].Score = 1;
        candidates[7].IsBeat = false;
        Assert.Equal([11, 8], finder.Find(candidates).Amplitudes);

        found = finder.Find(candidates);
        finder.Reset();
        Assert.NotSame(found, finder.Find(candidates));
    }

    private static Candidate Beat(int frequency, double amplitude)
    {
        var waveform = new Waveform(Length + (2 * Lag), Lag);
        waveform.Set([.. Enumerable.Range(0, Length + (2 * Lag)).Select(k => MathF.Sin(frequency * k * 0.4f))]);
        return new Candidate(waveform) { IsBeat = true, Score = 4, Amplitude = amplitude };
    }
}
