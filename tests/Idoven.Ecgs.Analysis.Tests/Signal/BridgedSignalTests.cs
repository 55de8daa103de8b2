using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Tests.Signal;

public sealed class BridgedSignalTests
{
    [Theory]
    [InlineData(1000), InlineData(int.MaxValue)]
    public void Samples_are_relative_to_the_first_one_and_repeated_beyond_the_ends(int size)
    {
        var random = new Random(1);
        int[] samples = [.. Enumerable.Range(0, 100).Select(_ => random.Next(-size, size))];
        samples[0] = -size;
        var signal = new BridgedSignal(samples, 360);
        foreach (var (start, length) in new[] { (0, 100), (-20, 140), (-50, 30), (3, 41), (90, 60), (150, 10), (99, 1) })
        {
            var read = new float[length];
            Array.Fill(read, float.NaN);
            signal.Read(start, read);
            Assert.Equal([.. Enumerable.Range(start, length).Select(i => (float)((long)samples[Math.Clamp(i, 0, 99)] - samples[0]))], read);
        }
    }
}
