using Idoven.Drills.Running;

namespace Idoven.Drills.Faults;

/// <summary>Puts the database in a tablespace on a small file system, which the drill fills with a file.</summary>
internal static class DiskFault
{
    private const string Size = "96m";
    private const string Filler = "filler";

    public static string? CannotRun() => Environment.UserName == "root" ? null : "only root can mount a small file system";

    /// <returns>The name of the tablespace.</returns>
    public static async Task<string?> Prepare(Deployment deployment, CancellationToken ct)
    {
        var folder = Folder(deployment);
        Directory.CreateDirectory(folder);
        deployment.Reaper.AddMount(folder);
        await Processes.Run("mount", ["-t", "tmpfs", "-o", $"size={Size},mode=0755", "tmpfs", folder], ct: ct);
        deployment.Undo(async () =>
        {
            await Processes.Run("umount", ["-l", folder]);
            Directory.Delete(folder);
        });
        Directory.CreateDirectory(Path.Combine(folder, "data"));
        await Processes.Run("chown", ["postgres:postgres", Path.Combine(folder, "data")], ct: ct);
        await deployment.Servers.Execute($"create tablespace {deployment.Name} location '{Path.Combine(folder, "data")}'", ct);
        deployment.Undo(() => deployment.Servers.Execute($"drop tablespace if exists {deployment.Name}"));
        return deployment.Name;
    }

    public static async Task Fill(FaultContext context)
    {
        var filler = Path.Combine(Folder(context.Deployment), Filler);
        var block = new byte[64 * 1024];
        try
        {
            // It is filled repeatedly, because space that the server frees would allow some writes.
            var end = context.Deployment.Clock.Elapsed + TimeSpan.FromSeconds(context.IsQuick ? 5 : 15);
            while (context.Deployment.Clock.Elapsed < end)
            {
                try
                {
                    await using var file = new FileStream(filler, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
                    while (true)
                    {
                        await file.WriteAsync(block, context.Ct);
                    }
                }
                catch (IOException)
                {
                    // The disk is full.
                }

                await context.Pause(0.5);
            }
        }
        finally
        {
            File.Delete(filler);
        }
    }

    private static string Folder(Deployment deployment) =>
        Path.Combine(Path.GetTempPath(), $"idoven-{Environment.ProcessId}-{deployment.Name}");
}
