using System.Runtime.InteropServices;

namespace Idoven.Identity.SignIn;

/// <summary>
/// Runs work on a thread of low priority, so that requests and analyses come first however many passwords are hashed. .NET's thread
/// priorities have no effect on Linux, where each thread has its own nice value.
/// </summary>
internal static class LowPriorityThread
{
    /// <summary>The nice value: a tenth of the weight of other threads if all need the processor (sched(7)).</summary>
    internal const int Nice = 10;

    // PRIO_PROCESS with id 0 is the calling thread on Linux (setpriority(2)).
    private const int PriorityOfProcess = 0;

    /// <summary>Runs the work on a new thread. Work that has started is not cancelled.</summary>
    public static Task<T> Run<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() => Run(work, done)) { IsBackground = true, Name = "hash" }.Start();
        return done.Task;
    }

    private static void Run<T>(Func<T> work, TaskCompletionSource<T> done)
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                // If the call is not permitted, the thread keeps its normal priority.
                _ = SetPriority(PriorityOfProcess, who: 0, Nice);
            }

            done.SetResult(work());
        }
        catch (Exception e)
        {
            done.SetException(e);
        }
    }

    [DllImport("libc", EntryPoint = "setpriority", ExactSpelling = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetPriority(int which, uint who, int priority);
}
