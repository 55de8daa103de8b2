using System.Diagnostics;

namespace Idoven.Drills.Running;

/// <summary>
/// Represents a small shell process that ends the processes of the drills if they end without cleaning up (kill -9). It detects their
/// end by the end of its input.
/// </summary>
internal sealed class Reaper : IDisposable
{
    private const string Script =
        """
        trap '' INT TERM HUP
        pids='' mounts=''
        while read -r kind value birth; do
          case $kind in process) pids="$pids $value:$birth" ;; mount) mounts="$mounts $value" ;; end) exit 0 ;; esac
        done
        for entry in $pids; do
          pid=${entry%:*}
          { read -r stat < "/proc/$pid/stat"; } 2> /dev/null || continue
          set -- ${stat##*) }
          shift 19
          if [ "$1" = "${entry#*:}" ]; then kill -9 "$pid" 2> /dev/null; fi
        done
        for mount in $mounts; do umount -l "$mount" 2> /dev/null; rmdir "$mount" 2> /dev/null; done
        """;

    private const int BirthField = 19;
    private readonly Process process;

    public Reaper()
    {
        process = Process.Start(new ProcessStartInfo("bash", ["-c", Script]) { RedirectStandardInput = true })!;
        process.StandardInput.AutoFlush = true;
    }

    /// <summary>Registers a process that is killed if the drills end before it does.</summary>
    public void AddProcess(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        Write($"process {pid} {stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[BirthField]}");
    }

    /// <summary>Registers a mount that is unmounted, and its folder removed, if the drills end before they did that themselves.</summary>
    public void AddMount(string folder) => Write($"mount {folder}");

    public void Dispose()
    {
        Write("end");
        process.WaitForExit();
        process.Dispose();
    }

    private void Write(string line)
    {
        lock (process)
        {
            process.StandardInput.WriteLine(line);
        }
    }
}
