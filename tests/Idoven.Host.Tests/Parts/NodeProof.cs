using System.Diagnostics;
using System.Text.Json;

namespace Idoven.Host.Tests.Parts;

/// <summary>
/// Runs <c>proof.js</c> of a folder below <c>tests</c>, which reads its configuration as JSON from standard input and prints its steps.
/// </summary>
internal static class NodeProof
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    /// <summary>Skips the test if something is missing that the proof needs; in CI the test fails.</summary>
    public static void SkipIfMissing(string folder, string? program = null) => Programs.SkipIfMissing(Missing(folder, program));

    /// <summary>Runs the program; it must end with exit code 0.</summary>
    /// <returns>The output of the program.</returns>
    public static async Task<string> Run(string folder, object input)
    {
        var ct = TestContext.Current.CancellationToken;
        var start = new ProcessStartInfo("node", "proof.js")
        {
            WorkingDirectory = PathOf(folder),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var proof = Process.Start(start)!;
        await proof.StandardInput.WriteAsync(JsonSerializer.Serialize(input));
        proof.StandardInput.Close();
        var (output, errors) = (proof.StandardOutput.ReadToEndAsync(ct), proof.StandardError.ReadToEndAsync(ct));
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(Deadline);
        try
        {
            await proof.WaitForExitAsync(deadline.Token);
        }
        finally
        {
            if (!proof.HasExited)
            {
                proof.Kill(entireProcessTree: true);
            }
        }

        var printed = await output;
        TestContext.Current.SendDiagnosticMessage(printed);
        Assert.True(proof.ExitCode == 0, printed + await errors);
        return printed;
    }

    private static string? Missing(string folder, string? program) =>
        !Programs.IsInstalled("node") ? "node is not installed: apt-get install nodejs npm"
        : program is not null && !File.Exists(program) ? $"{program} is not installed"
        : Directory.Exists(Path.Combine(PathOf(folder), "node_modules")) ? null
        : $"Packages are not installed: npm ci in tests/{folder}";

    private static string PathOf(string folder) => Path.Combine(Repository.Root, "tests", folder);
}
