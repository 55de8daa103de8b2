using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Accuracy.Tests;

public sealed class ClassComparerTests
{
    [Fact]
    public void Beats_of_the_class_are_right_or_missed_and_others_classified_so_are_wrong()
    {
        (double, BeatClass?)[] reference =
            [(1000, BeatClass.V), (2000, BeatClass.V), (3000, BeatClass.N), (4000, BeatClass.S), (5000, BeatClass.N)];
        (double, BeatClass)[] detected =
            [(1010, BeatClass.V), (1990, BeatClass.N), (3000, BeatClass.V), (4000, BeatClass.V), (5000, BeatClass.N)];

        Assert.Equal(new ClassComparison(Right: 1, Missed: 1, Wrong: 2), Compare(reference, detected, BeatClass.V));
        Assert.Equal(new ClassComparison(Right: 0, Missed: 1, Wrong: 0), Compare(reference, detected, BeatClass.S));
        Assert.Equal(new ClassComparison(Right: 1, Missed: 1, Wrong: 1), Compare(reference, detected, BeatClass.N));
    }

    [Fact]
    public void A_detected_beat_is_compared_with_the_nearest_reference_beat_within_150_ms()
    {
        (double, BeatClass?)[] reference = [(1000, BeatClass.N), (1200, BeatClass.V)];

        Assert.Equal(new ClassComparison(1, 0, 0), Compare(reference, [(1101, BeatClass.V)], BeatClass.V));
        Assert.Equal(new ClassComparison(0, 0, 1), Compare(reference, [(1099, BeatClass.V)], BeatClass.V));
        Assert.Equal(new ClassComparison(1, 0, 0), Compare(reference, [(1350, BeatClass.V)], BeatClass.V));
        Assert.Equal(new ClassComparison(0, 0, 0), Compare(reference, [(1351, BeatClass.V)], BeatClass.V));
    }

    [Fact]
    public void Unclassified_and_excluded_reference_beats_are_not_scored()
    {
        (double, BeatClass?)[] reference = [(1000, null), (2000, BeatClass.N), (3000, BeatClass.N)];
        (double, BeatClass)[] detected = [(1000, BeatClass.V), (2000, BeatClass.V), (3000, BeatClass.V)];

        Assert.Equal(new ClassComparison(0, 0, 1), Compare(reference, detected, BeatClass.V, new SampleRange(1900, 2100)));
        Assert.Equal(new ClassComparison(0, 0, 0), Compare([], detected, BeatClass.V));
    }

    [Fact]
    public void Sensitivity_and_predictivity_follow_from_the_sum_of_the_records()
    {
        var gross = ClassComparison.Sum([new(Right: 30, Missed: 10, Wrong: 5), new(Right: 30, Missed: 30, Wrong: 15)]);

        Assert.Equal(new ClassComparison(60, 40, 20), gross);
        Assert.Equal((0.6, 0.75), (gross.Sensitivity, gross.PositivePredictivity));
    }

    /// <summary>Compares at 1,000 Hz, where one sample is 1 ms.</summary>
    private static ClassComparison Compare(
        IReadOnlyList<(double, BeatClass?)> reference, IReadOnlyList<(double, BeatClass)> detected, BeatClass kind,
        params SampleRange[] excluded) =>
        ClassComparer.Compare(reference, detected, kind, samplingFrequency: 1000, excluded);
}
