using System.Runtime.InteropServices;

namespace Idoven.Identity.Infrastructure.Accounts;

/// <summary>
/// A thread that takes what the others leave: however many passwords are hashed, requests and analyses come first. .NET's own thread priorities do
/// nothing on Linux, where each thread has a nice value of its own that anybody may raise.
/// </summary>
internal static class QuietThread
{
    // A tenth of the weight of the others where all want the processor, and all of it where they don't.
    private const int Nice = 10;
    private const int OfThread = 0;
    private const int Calling = 0;

    /// <summary>Runs it to its end, whoever waits for it.</summary>
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
                // Where it may not, the thread is as loud as any other.
                _ = SetPriority(OfThread, Calling, Nice);
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
