using Idoven.Drills.Running;

namespace Idoven.Drills.Faults;

/// <summary>The clock of the host jumps, while those of the servers and of the clients go on. libfaketime reads the offset from a file.</summary>
internal static class ClockFault
{
    private static readonly string[] Libraries =
    [
        "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1", "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
    ];

    private static string? Library => Libraries.FirstOrDefault(File.Exists);

    public static string? CannotRun() => Library is null ? "the package faketime is not installed" : null;

    public static Task<string?> Prepare(Deployment deployment, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var file = OffsetFile(deployment);
        File.WriteAllText(file, "+0");
        deployment.Undo(() =>
        {
            File.Delete(file);
            return Task.CompletedTask;
        });
        deployment.Environment["LD_PRELOAD"] = Library!;
        deployment.Environment["FAKETIME_TIMESTAMP_FILE"] = file;
        deployment.Environment["FAKETIME_CACHE_DURATION"] = "1";

        // Only the time of day jumps, as an administrator's correction would make it; timers go on.
        deployment.Environment["FAKETIME_DONT_FAKE_MONOTONIC"] = "1";
        deployment.Environment["DONT_FAKE_MONOTONIC"] = "1";
        return Task.FromResult<string?>(null);
    }

    public static async Task Jump(FaultContext context)
    {
        foreach (var offset in (string[])["+3h", "+0", "-1h", "+0"])
        {
            await File.WriteAllTextAsync(OffsetFile(context.Deployment), offset, context.Ct);
            await context.Hold(4);
        }
    }

    private static string OffsetFile(Deployment deployment) => Path.Combine(Path.GetTempPath(), $"idoven-{Environment.ProcessId}-{deployment.Name}.clock");
}
