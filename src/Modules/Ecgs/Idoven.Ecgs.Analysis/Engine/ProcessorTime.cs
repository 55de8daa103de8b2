using System.Runtime.InteropServices;

namespace Idoven.Ecgs.Analysis.Engine;

/// <summary>Reads the processor time of threads from the operating system.</summary>
internal static class ProcessorTime
{
    /// <summary>Gets the source on Linux; null on other platforms, where a thread cannot read the time of another one.</summary>
    public static ThreadTimeSource? Source { get; } = OperatingSystem.IsLinux() ? OfCallingThread : null;

    private static Func<TimeSpan?> OfCallingThread()
    {
        // The clock's id can be used by every thread of the process. Reading it fails once the measured thread has ended.
        return pthread_getcpuclockid(pthread_self(), out var clock) == 0
            ? () => clock_gettime(clock, out var used) == 0 ? used.ToTimeSpan() : null
            : () => null;
    }

    [DllImport("libc")]
    private static extern nuint pthread_self();

    [DllImport("libc")]
    private static extern int pthread_getcpuclockid(nuint thread, out int clock);

    [DllImport("libc")]
    private static extern int clock_gettime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct TimeSpec
    {
        public readonly nint Seconds;
        public readonly nint Nanoseconds;

        public TimeSpan ToTimeSpan() => new((Seconds * TimeSpan.TicksPerSecond) + (Nanoseconds / TimeSpan.NanosecondsPerTick));
    }
}
