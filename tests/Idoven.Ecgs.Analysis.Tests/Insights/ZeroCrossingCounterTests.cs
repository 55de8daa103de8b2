using System.Text.Json;
using FsCheck;
using FsCheck.Xunit;
using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Analysis.Tests.Recordings;

namespace Idoven.Ecgs.Analysis.Tests.Insights;

[Properties(Arbitrary = [typeof(Signals)], MaxTest = 1000)]
public sealed class ZeroCrossingCounterTests
{
    public static IReadOnlyList<ITheoryDataRow> Vectors => EcgData.Rows(ReadVectors, new Vector([], new Counts(0, 0, 0, 0)));

    [Theory, MemberData(nameof(Vectors))]
    public void Edge_cases_have_the_expected_counts(Vector vector) => Assert.Equal(vector.Expected, Count(vector.Signal));

    [Property]
    public void Counts_equal_the_definition(TestSignal signal) =>
        Assert.Equal(ByDefinition(signal.Samples.Select(sample => (long)sample)), Count(signal.Samples));

    [Property(MaxTest = 100)]
    public void Counts_equal_the_definition_if_zeros_are_rare(int seed)
    {
        var random = new Random(seed);
        var samples = Enumerable.Range(0, 1000).Select(_ => random.Next(-30, 30)).ToArray();
        Assert.Equal(ByDefinition(samples.Select(sample => (long)sample)), Count(samples));
    }

    [Property]
    public void Crossings_of_a_level_equal_zero_crossings_of_the_signal_minus_the_level(TestSignal signal, int near, DoNotSize<int> far)
    {
        foreach (var level in new[] { near, far.Item })
        {
            Assert.Equal(ByDefinition(signal.Samples.Select(sample => (long)sample - level)), Count(signal.Samples, level));
        }
    }

    [Property]
    public void The_negated_signal_has_the_same_count_with_rising_and_falling_swapped(TestSignal signal) =>
        Assert.Equal(
            Swapped(Count(signal.Samples)),
            Count([.. signal.Samples.Select(sample => sample == int.MinValue ? int.MaxValue : -sample)]));

    [Property]
    public void The_reversed_signal_has_the_same_count_with_rising_and_falling_swapped(TestSignal signal) =>
        Assert.Equal(Swapped(Count(signal.Samples)), Count([.. signal.Samples.Reverse()]));

    [Property]
    public void Rising_and_falling_differ_by_one_at_most(TestSignal signal)
    {
        var counts = Count(signal.Samples);
        Assert.InRange(counts.Rising - counts.Falling, -1, 1);
    }

    [Property]
    public void Zeros_next_to_a_zero_only_change_the_number_of_zeros(TestSignal signal, NonNegativeInt place, PositiveInt zeros)
    {
        var at = place.Get % (signal.Samples.Length + 1);
        int[] before = [.. signal.Samples[..at], 0, .. signal.Samples[at..]];
        int[] after = [.. signal.Samples[..at], 0, .. new int[zeros.Get], .. signal.Samples[at..]];

        var expected = Count(before);
        Assert.Equal(expected with { ZeroSamples = expected.ZeroSamples + zeros.Get }, Count(after));
    }

    [Property]
    public void Counts_do_not_depend_on_how_the_signal_is_divided_into_calls(TestSignal signal, PositiveInt[] pieces, int level)
    {
        var counter = new ZeroCrossingCounter(level);
        var rest = signal.Samples.AsSpan();
        foreach (var piece in pieces)
        {
            var length = Math.Min(piece.Get, rest.Length);
            counter.Add(rest[..length]);
            counter.Add([]);
            rest = rest[length..];
        }

        counter.Add(rest);
        Assert.Equal(Count(signal.Samples, level), Counts.FromCounter(counter));
    }

    private static Counts Count(ReadOnlySpan<int> samples, int level = 0)
    {
        var counter = new ZeroCrossingCounter(level);
        counter.Add(samples);
        Assert.Equal(counter.Rising + counter.Falling, counter.Total);
        return Counts.FromCounter(counter);
    }

    private static Counts Swapped(Counts counts) => counts with { Rising = counts.Falling, Falling = counts.Rising };

    private static Counts ByDefinition(IEnumerable<long> samples)
    {
        var signs = samples.Select(Math.Sign).ToList();
        var remaining = Enumerable.Range(0, signs.Count).Where(place => signs[place] != 0).ToList();
        var pairs = remaining.Zip(remaining.Skip(1)).ToList();
        return new Counts(
            pairs.Count(pair => signs[pair.First] < 0 && signs[pair.Second] > 0),
            pairs.Count(pair => signs[pair.First] > 0 && signs[pair.Second] < 0),
            pairs.Count(pair => signs[pair.First] == signs[pair.Second] && pair.Second - pair.First > 1),
            signs.Count - remaining.Count);
    }

    private static IEnumerable<Vector> ReadVectors()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(EcgData.PathOf("zero-crossings", "vectors.json")));
        foreach (var vector in document.RootElement.GetProperty("vectors").EnumerateArray())
        {
            var expected = new Counts(Number("rising"), Number("falling"), Number("touches"), Number("zeroSamples"));
            Assert.Equal(Number("total"), expected.Rising + expected.Falling);
            yield return new Vector([.. vector.GetProperty("signal").EnumerateArray().Select(sample => sample.GetInt32())], expected);

            long Number(string name) => vector.GetProperty(name).GetInt64();
        }
    }

    public sealed record Vector(int[] Signal, Counts Expected)
    {
        public override string ToString() => $"[{string.Join(", ", Signal)}]";
    }

    public sealed record Counts(long Rising, long Falling, long Touches, long ZeroSamples)
    {
        public static Counts FromCounter(ZeroCrossingCounter counter) =>
            new(counter.Rising, counter.Falling, counter.Touches, counter.LevelSamples);
    }
}
