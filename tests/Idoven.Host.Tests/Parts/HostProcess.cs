using System.Diagnostics;
using System.Net;

namespace Idoven.Host.Tests.Parts;

/// <summary>A host in a process of its own, which can be killed.</summary>
internal sealed class HostProcess : IDisposable
{
    private readonly Process process;
    private readonly Uri address;

    private HostProcess(Process process, Uri address) => (this.process, this.address) = (process, address);

    public static async Task<HostProcess> Start(HostSettings settings)
    {
        var (port, managementPort) = (FreePort.Take(), FreePort.Take());
        var configuration = settings.AsConfiguration().ToDictionary();
        configuration["urls"] = $"http://127.0.0.1:{port}";
        configuration["Management:Port"] = $"{managementPort}";
        var started = new HostProcess(Run(configuration), new Uri($"http://127.0.0.1:{port}"));
        using var management = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{managementPort}") };
        await Eventually.Holds(async () =>
        {
            try
            {
                return (await management.GetAsync("/health/ready")).StatusCode == HttpStatusCode.OK;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
        return started;
    }

    /// <summary>Begins a host with this configuration; its standard error can be read.</summary>
    public static Process Run(IReadOnlyDictionary<string, string> configuration)
    {
        string[] arguments = [Path.Combine(AppContext.BaseDirectory, "Idoven.Host.dll"), .. configuration.Select(pair => $"--{pair.Key}={pair.Value}")];
        var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }

    public HttpClient Client(string accessToken)
    {
        var client = new HttpClient { BaseAddress = address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", accessToken);
        return client;
    }

    /// <summary>Ends it without a word of warning.</summary>
    public void Kill() => process.Kill();

    public void Dispose()
    {
        process.Kill();
        process.Dispose();
    }
}
