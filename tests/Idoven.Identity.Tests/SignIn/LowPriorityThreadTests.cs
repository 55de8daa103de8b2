using System.Diagnostics;
using System.Globalization;
using Idoven.Identity.SignIn;

namespace Idoven.Identity.Tests.SignIn;

/// <summary>Reads from the kernel which priority the thread has.</summary>
public sealed class LowPriorityThreadTests
{
    // Zero-based, after the name of the thread (proc_pid_stat(5)). The times are in clock ticks.
    private const int UserTimeField = 11;
    private const int SystemTimeField = 12;
    private const int NiceField = 16;

    [Fact]
    public async Task The_thread_has_a_low_priority()
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux(), "Only Linux has a nice value for each thread.");
        var ofOthers = ReadNice();
        Assert.Equal(Math.Max(ofOthers, LowPriorityThread.Nice), await LowPriorityThread.Run(ReadNice));
        Assert.Equal(ofOthers, await Task.Run(ReadNice));
    }

    /// <summary>
    /// All processors are busy with threads of normal priority: a low-priority thread gets about a tenth of what these get.
    /// </summary>
    [Fact]
    public async Task The_thread_gets_a_small_share_of_a_busy_processor()
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && ReadNice() == 0,
            "The kernel's ticks of a thread are read from /proc on Linux, and below a low priority there is no lower one.");
        using var ready = new CountdownEvent(2 * Environment.ProcessorCount);
        long WorkForASecond()
        {
            ready.Signal();
            ready.Wait();
            var (before, startedAt) = (ReadTicks(), Stopwatch.GetTimestamp());
            while (Stopwatch.GetElapsedTime(startedAt) < TimeSpan.FromSeconds(1))
            {
                Thread.SpinWait(1000);
            }

            return ReadTicks() - before;
        }

        var each = Enumerable.Range(0, Environment.ProcessorCount);
        var normal = each.Select(_ => Task.Factory.StartNew(
            WorkForASecond, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToList();
        var low = each.Select(_ => LowPriorityThread.Run(WorkForASecond)).ToList();

        Assert.InRange((await Task.WhenAll(low)).Sum(), 0, (await Task.WhenAll(normal)).Sum() / 2);
    }

    [Fact]
    public async Task An_exception_is_thrown_to_the_caller() =>
        await Assert.ThrowsAsync<InvalidDataException>(() => LowPriorityThread.Run<int>(() => throw new InvalidDataException()));

    private static int ReadNice() => (int)ReadField(NiceField);

    private static long ReadTicks() => ReadField(UserTimeField) + ReadField(SystemTimeField);

    private static long ReadField(int field) =>
        long.Parse(File.ReadAllText("/proc/thread-self/stat").Split(") ")[^1].Split(' ')[field], CultureInfo.InvariantCulture);
}
