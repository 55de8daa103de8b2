using System.Globalization;
using Idoven.Drills.Running;

namespace Idoven.Drills.Faults;

/// <summary>
/// Makes the clock that the product reads jump; the clocks of servers and clients do not. The host reads the offset from a file.
/// </summary>
internal static class ClockFault
{
    public static Task<string?> Prepare(Deployment deployment, CancellationToken ct)
    {
        Write(deployment, TimeSpan.Zero);
        deployment.Undo(() =>
        {
            File.Delete(OffsetFile(deployment));
            return Task.CompletedTask;
        });
        deployment.Environment[JumpingClock.FileVariable] = OffsetFile(deployment);
        return Task.FromResult<string?>(null);
    }

    public static async Task Jump(FaultContext context)
    {
        foreach (var hours in (int[])[3, 0, -1, 0])
        {
            Write(context.Deployment, TimeSpan.FromHours(hours));
            await context.Hold(4);
        }
    }

    /// <summary>Replaces the file atomically, so that a host reads either the old offset or the new one.</summary>
    private static void Write(Deployment deployment, TimeSpan offset)
    {
        var file = OffsetFile(deployment);
        File.WriteAllText($"{file}.new", offset.TotalSeconds.ToString(CultureInfo.InvariantCulture));
        File.Move($"{file}.new", file, overwrite: true);
    }

    private static string OffsetFile(Deployment deployment) =>
        Path.Combine(Path.GetTempPath(), $"idoven-{Environment.ProcessId}-{deployment.Name}.clock");
}
