namespace Idoven.Bench;

/// <summary>Measures the peak size of the managed heap above its initial size, including garbage that was not yet collected.</summary>
internal sealed class PeakHeap : IDisposable
{
    private readonly long before = GC.GetTotalMemory(forceFullCollection: true);
    private readonly ManualResetEventSlim isOver = new();
    private readonly Thread watch;
    private long highest;

    public PeakHeap()
    {
        watch = new Thread(() =>
        {
            do
            {
                highest = Math.Max(highest, GC.GetTotalMemory(forceFullCollection: false));
            }
            while (!isOver.Wait(1));
        })
        { IsBackground = true };
        watch.Start();
    }

    public double Megabytes => Math.Max(0, highest - before) / 1e6;

    public void Dispose()
    {
        isOver.Set();
        watch.Join();
        isOver.Dispose();
    }
}
