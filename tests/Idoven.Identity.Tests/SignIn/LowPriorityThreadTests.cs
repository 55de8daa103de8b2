using System.Globalization;
using Idoven.Identity.SignIn;

namespace Idoven.Identity.Tests.SignIn;

/// <summary>Reads from the kernel which priority the thread has.</summary>
public sealed class LowPriorityThreadTests
{
    private const int NiceField = 16; // zero-based, after the name of the thread (proc_pid_stat(5))

    [Fact]
    public async Task The_thread_has_a_low_priority()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has a nice value for each thread.");
        var ofOthers = ReadNice();
        Assert.Equal(Math.Max(ofOthers, LowPriorityThread.Nice), await LowPriorityThread.Run(ReadNice));
        Assert.Equal(ofOthers, await Task.Run(ReadNice));
    }

    [Fact]
    public async Task An_exception_is_thrown_to_the_caller() =>
        await Assert.ThrowsAsync<InvalidDataException>(() => LowPriorityThread.Run<int>(() => throw new InvalidDataException()));

    private static int ReadNice()
    {
        var fields = File.ReadAllText("/proc/thread-self/stat").Split(") ")[^1].Split(' ');
        return int.Parse(fields[NiceField], CultureInfo.InvariantCulture);
    }
}
