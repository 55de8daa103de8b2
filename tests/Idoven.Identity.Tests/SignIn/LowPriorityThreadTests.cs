using System.Globalization;
using Idoven.Identity.SignIn;

namespace Idoven.Identity.Tests.SignIn;

/// <summary>What the kernel says of the thread, from the thread itself.</summary>
public sealed class LowPriorityThreadTests
{
    private const int NiceField = 16; // of those in proc_pid_stat(5) behind the name, counted from nought

    [Fact]
    public async Task It_gives_way_to_others_in_weight_and_to_whoever_wakes_up()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has a nice value for each thread.");
        Assert.InRange(await LowPriorityThread.Run(Nice), 10, 19);

        // Kernels that can say how long a turn is, and let a thread choose it.
        var (ownTurn, itsTurn) = (Slice(), await LowPriorityThread.Run(Slice));
        if (ownTurn is not null && Environment.OSVersion.Version >= new Version(6, 12))
        {
            Assert.Equal(100_000_000, itsTurn);
            Assert.True(ownTurn < itsTurn);
        }
    }

    [Fact]
    public async Task What_fails_on_it_fails_where_it_is_awaited() =>
        await Assert.ThrowsAsync<InvalidDataException>(() => LowPriorityThread.Run<int>(() => throw new InvalidDataException()));

    private static int Nice() => int.Parse(File.ReadAllText("/proc/thread-self/stat").Split(") ")[^1].Split(' ')[NiceField], CultureInfo.InvariantCulture);

    /// <returns>In ns; null where the kernel does not tell.</returns>
    private static long? Slice() => File.Exists("/proc/thread-self/sched")
        && File.ReadLines("/proc/thread-self/sched").FirstOrDefault(line => line.StartsWith("se.slice", StringComparison.Ordinal)) is { } line
            ? long.Parse(line.Split(':')[1], CultureInfo.InvariantCulture)
            : null;
}
