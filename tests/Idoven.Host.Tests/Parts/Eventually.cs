using System.Diagnostics;

namespace Idoven.Host.Tests.Parts;

/// <summary>Waits for a condition, with a deadline and no longer than necessary.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(50);

    public static async Task Holds(Func<Task<bool>> probe, TimeSpan? within = null)
    {
        var since = Stopwatch.GetTimestamp();
        while (!await probe())
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < (within ?? Within), "it did not become true in time");
            await Task.Delay(Every);
        }
    }

    /// <summary>Waits for a value.</summary>
    public static async Task<T> Finds<T>(Func<Task<T?>> probe, TimeSpan? within = null)
        where T : class
    {
        T? found = null;
        await Holds(async () => (found = await probe()) is not null, within);
        return found!;
    }
}
