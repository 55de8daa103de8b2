using Idoven.Ecgs.Analysis.Insights;

namespace Idoven.Ecgs.Analysis.Tests.Insights;

public sealed class EctopyTests
{
    [Theory]
    [InlineData("NNNVNNNN", 1, 1, 0, 0, 0, 0)]
    [InlineData("NVVNNVNN", 3, 1, 1, 0, 0, 0)]
    [InlineData("NVVVNVVVVN", 7, 0, 0, 2, 0, 0)]
    [InlineData("NVNVNVNN", 3, 3, 0, 0, 1, 0)]
    [InlineData("NVNVNNVNV", 4, 4, 0, 0, 0, 0)]
    [InlineData("NNVNNVNNVNN", 3, 3, 0, 0, 0, 1)]
    [InlineData("VNVNV|VNVNV", 6, 6, 0, 0, 2, 0)]
    [InlineData("NNNNV|VNNNN", 2, 2, 0, 0, 0, 0)]
    public void Singles_couplets_runs_bigeminy_and_trigeminy_are_counted_and_end_at_a_gap(
        string pattern, int count, int single, int couplets, int runs, int bigeminy, int trigeminy)
    {
        var segments = pattern.Split('|').Select(part => part.Select(code => code == 'V').ToArray());
        var summary = EctopyInsight.Summarize([.. segments], (_, beat) => beat);

        Assert.Equal(
            (count, single, couplets, runs, bigeminy, trigeminy),
            (summary.Count, summary.Single, summary.Couplets, summary.RunCount, summary.BigeminyCount, summary.TrigeminyCount));
        Assert.Equal(100.0 * count / pattern.Count(char.IsLetter), summary.BurdenPercent, 1e-9);
    }

    [Fact]
    public void A_run_has_its_start_and_its_rate()
    {
        var summary = EctopyInsight.Summarize([[false, true, true, true, true, false]], (_, beat) => 10 + (beat * 0.5));
        Assert.Equal([new Run(10.5, 4, 120)], summary.Runs);
    }
}
