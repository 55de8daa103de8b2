using System.Runtime.Intrinsics;

namespace Idoven.Ecgs.Analysis.Signal;

/// <summary>
/// Represents the samples of a lead relative to the first one, with each run of one value of 200 ms or longer (a gap, a lead off, a
/// saturated amplifier) replaced by a straight line, so that its edges are not steps that resemble beats.
/// </summary>
internal sealed class BridgedSignal
{
    private const double RunMs = 200;

    private readonly ReadOnlyMemory<int> samples;
    private readonly List<(int First, int Last)> runs = [];

    public BridgedSignal(ReadOnlyMemory<int> samples, double samplingFrequency)
    {
        this.samples = samples;
        FindRuns(samples.Span, (int)Math.Ceiling(RunMs * samplingFrequency / 1000));
    }

    private void FindRuns(ReadOnlySpan<int> span, int shortest)
    {
        // A run that is long enough contains two neighbours of the samples that are tested.
        var step = Math.Max(1, shortest / 2);
        for (var i = 0; i < span.Length; i += step)
        {
            if (i + step < span.Length && span[i] != span[i + step])
            {
                continue;
            }

            var (value, first, end) = (span[i], i, i + 1);
            while (first > 0 && span[first - 1] == value)
            {
                first--;
            }

            var rest = span[end..].IndexOfAnyExcept(value);
            end = rest < 0 ? span.Length : end + rest;
            if (end - first >= shortest)
            {
                runs.Add((first, end - 1));
                i = ((end - 1) / step * step);
            }
        }
    }

    /// <summary>Gets the number of samples.</summary>
    public int Length => samples.Length;

    /// <summary>Gets the runs that are bridged, in order of time.</summary>
    public IReadOnlyList<(int First, int Last)> Runs => runs;

    /// <summary>
    /// Reads samples from <paramref name="start"/> on. Beyond the ends of the lead, the first or last sample is repeated.
    /// </summary>
    public void Read(int start, Span<float> into)
    {
        var span = samples.Span;
        var first = Math.Clamp(-start, 0, into.Length);
        var end = Math.Clamp(span.Length - start, first, into.Length);
        into[..first].Clear();
        Subtract(first < end ? span.Slice(start + first, end - first) : [], span[0], into[first..end]);
        into[end..].Fill((long)span[^1] - span[0]);

        for (var r = FirstRunEndingFrom(start); r < runs.Count && runs[r].First < start + into.Length; r++)
        {
            Bridge(runs[r].First, runs[r].Last, start, into, span);
        }
    }

    /// <summary>Subtracts an origin from samples. A difference may exceed the range of an int.</summary>
    private static void Subtract(ReadOnlySpan<int> samples, int origin, Span<float> into)
    {
        var i = 0;
        var overflow = Vector256<int>.Zero;
        for (; i <= samples.Length - Vector256<int>.Count; i += Vector256<int>.Count)
        {
            // On overflow the sign of the difference is not that of the sample, although the signs of sample and origin differ.
            var some = Vector256.Create(samples[i..]);
            var differences = some - Vector256.Create(origin);
            overflow |= (some ^ Vector256.Create(origin)) & (some ^ differences);
            Vector256.ConvertToSingle(differences).CopyTo(into[i..]);
        }

        for (i = Vector256.LessThanAny(overflow, Vector256<int>.Zero) ? 0 : i; i < samples.Length; i++)
        {
            into[i] = (long)samples[i] - origin;
        }
    }

    private static void Bridge(int first, int last, int start, Span<float> into, ReadOnlySpan<int> span)
    {
        // At either end of the recording the line is horizontal, as is a recording of one value.
        var before = first > 0 ? span[first - 1] : last + 1 < span.Length ? span[last + 1] : span[0];
        var after = last + 1 < span.Length ? span[last + 1] : before;
        var (from, to) = ((double)before - span[0], (double)after - span[0]);
        var end = last + 1 < span.Length ? last : int.MaxValue;
        for (var i = first > 0 ? Math.Max(0, first - start) : 0; i < into.Length && start + i <= end; i++)
        {
            into[i] = (float)(from + ((to - from) * (start + i - first + 1) / (last - first + 2)));
        }
    }

    /// <summary>Returns the index of the first run that ends at a sample or later.</summary>
    public int FirstRunEndingFrom(int start)
    {
        int low = 0, high = runs.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = runs[middle].Last < start ? (middle + 1, high) : (low, middle);
        }

        // A run at the start of the recording extends before the first sample.
        return start < 0 ? 0 : low;
    }
}
