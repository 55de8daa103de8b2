using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Idoven.Host.Tests.Parts;

/// <summary>Runs the examples of a documentation page exactly as a reader of the page would.</summary>
internal static partial class DocExamples
{
    /// <param name="act">
    /// Does what a printed line asks the user to do and returns the text to type in, once; null if the line asks for nothing.
    /// </param>
    /// <param name="variables">Environment variables besides <c>ISSUER</c>.</param>
    /// <returns>Everything that was printed.</returns>
    public static async Task<string> Run(
        RunningHost host, string page, Func<string, Task<string?>>? act, params (string Name, string Value)[] variables)
    {
        var ct = TestContext.Current.CancellationToken;
        var blocks = Block().Matches(await File.ReadAllTextAsync(page, ct)).Select(block => block.Groups["code"].Value);
        var folder = Directory.CreateTempSubdirectory("idoven-test-");
        try
        {
            var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", string.Join('\n', blocks)])
            {
                WorkingDirectory = folder.FullName,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.Environment["ISSUER"] = host.Address.AbsoluteUri.TrimEnd('/');
            foreach (var (name, value) in variables)
            {
                start.Environment[name] = value;
            }

            using var shell = Process.Start(start)!;
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
            deadline.CancelAfter(TimeSpan.FromMinutes(1));
            try
            {
                var errors = shell.StandardError.ReadToEndAsync(deadline.Token);
                var printed = new StringBuilder();
                while (act is not null && await shell.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
                {
                    printed.AppendLine(line);
                    if (await act(line) is { } typed)
                    {
                        await shell.StandardInput.WriteLineAsync(typed);
                        break;
                    }
                }

                shell.StandardInput.Close();
                printed.Append(await shell.StandardOutput.ReadToEndAsync(deadline.Token));
                await shell.WaitForExitAsync(deadline.Token);
                Assert.True(shell.ExitCode == 0, $"{page}: {printed}{await errors}");
                return printed.ToString();
            }
            finally
            {
                if (!shell.HasExited)
                {
                    shell.Kill(entireProcessTree: true);
                }
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [GeneratedRegex("```bash\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
