namespace Idoven.Bench;

/// <summary>Watches the managed heap: its highest size beyond what it was at first, garbage that was not yet collected included.</summary>
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
