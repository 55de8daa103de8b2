using System.Diagnostics;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests;

public sealed class ExitCodeTests(RunningParts parts)
{
    private const int InternalErrorExitCode = 70;

    [Theory]
    [InlineData(HostFault.StartThrows)]
    [InlineData(HostFault.JobThrows)]
    [InlineData(HostFault.JobIsCanceled)]
    public async Task Failed_hosted_service_ends_the_process_with_exit_code_70(HostFault fault)
    {
        var configuration = parts.Settings.AsConfiguration().ToDictionary();
        configuration["urls"] = $"http://127.0.0.1:{FreePort.Take()}";
        configuration["Management:Port"] = $"{FreePort.Take()}";
        using var process = HostProcess.Run(configuration, FaultyHostedServices.Environment(fault));
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        try
        {
            string? line;
            do
            {
                line = await process.StandardError.ReadLineAsync(deadline.Token);
            }
            while (line is not null && line != FaultyHostedServices.Line);
            Assert.NotNull(line);
            var thrown = Stopwatch.GetTimestamp();
            var errors = await process.StandardError.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);

            Assert.Equal(InternalErrorExitCode, process.ExitCode);
            Assert.Contains("broken by a test", errors, StringComparison.Ordinal);
            Assert.InRange(Stopwatch.GetElapsedTime(thrown), TimeSpan.Zero, TimeSpan.FromSeconds(5));
        }
        finally
        {
            process.Kill();
        }
    }
}
