using System.Runtime.InteropServices;

namespace Idoven.Identity.SignIn;

/// <summary>
/// A thread that takes what the others leave: however many passwords are hashed, requests and analyses come first. .NET's own thread priorities do
/// nothing on Linux, where each thread has a nice value of its own that anybody may raise.
/// </summary>
internal static class LowPriorityThread
{
    // A tenth of the weight of the others where all want the processor, and all of it where they don't.
    private const int Nice = 10;

    // The longest turn there is: Linux (6.12 and later) interrupts a long turn for whoever wakes up beside it with a shorter one, as all others have. A turn of
    // their own length or less it lets end, and notices that end only at its next tick (docs/speed.md).
    private const ulong SliceNanoseconds = 100_000_000;

    /// <summary>The number of <c>sched_setattr</c>, for which the C library has no function everywhere.</summary>
    private static readonly long? SetAttributes = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 314,
        Architecture.Arm64 => 274,
        _ => null,
    };

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
            if (OperatingSystem.IsLinux() && SetAttributes is { } number)
            {
                // Where it may not, the thread is as loud as any other.
                _ = Call(number, thread: 0, new Attributes { Size = (uint)Marshal.SizeOf<Attributes>(), Nice = Nice, Runtime = SliceNanoseconds }, flags: 0);
            }

            done.SetResult(work());
        }
        catch (Exception e)
        {
            done.SetException(e);
        }
    }

    [DllImport("libc", EntryPoint = "syscall", ExactSpelling = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern long Call(long number, int thread, in Attributes attributes, uint flags);

    /// <summary>As <c>sched_setattr(2)</c> has it; no policy is the ordinary one, and the zero thread the one that calls.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Attributes
    {
        public uint Size;
        public uint Policy;
        public ulong Flags;
        public int Nice;
        public uint Priority;
        public ulong Runtime;
        public ulong Deadline;
        public ulong Period;
    }
}
