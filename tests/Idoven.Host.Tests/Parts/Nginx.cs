using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;

namespace Idoven.Host.Tests.Parts;

/// <summary>Represents a real nginx with TLS on a port of its own, with the configuration file of the documentation.</summary>
internal sealed partial class Nginx : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("idoven-test-").FullName;
    private readonly string example = File.ReadAllText(Path.Combine(Repository.Root, "examples", "nginx", "idoven.conf"));
    private readonly int port = FreePort.Take();
    private Process? process;

    public Uri Address => new($"https://localhost:{port}/");

    /// <summary>Returns what is missing on this machine to run it; null if nothing is.</summary>
    public static string? Missing() =>
        Programs.IsInstalled(Program, "-v") ? null : "nginx is not installed: apt-get install nginx-light";

    private static string Program => File.Exists("/usr/sbin/nginx") ? "/usr/sbin/nginx" : "nginx";

    private IEnumerable<string> Children =>
        Read($"/proc/{process!.Id}/task/{process.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);

    public async Task Start(params HostProcess[] hosts)
    {
        using var certificate = SelfSigned.For("localhost");
        using var key = certificate.GetRSAPrivateKey()!;
        File.WriteAllText(Path.Combine(folder, "certificate.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Path.Combine(folder, "nginx.conf"), $$"""
            daemon off; worker_processes 1; pid nginx.pid; error_log error.log;
            events { worker_connections 512; }
            http {
              access_log off; include idoven.conf; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
              uwsgi_temp_path uwsgi; scgi_temp_path scgi;
            }
            """);
        Configure(hosts);
        process = Process.Start(
            new ProcessStartInfo(Program, ["-p", folder, "-c", "nginx.conf", "-e", "error.log"]) { RedirectStandardError = true })!;
        using var client = Client();
        await Eventually.Holds(async () =>
        {
            Assert.False(process.HasExited, "nginx ended: " + Read(Path.Combine(folder, "error.log")));
            return await Answers(client);
        });
    }

    /// <summary>Sends new requests to these hosts. Returns when no request to another host is in progress.</summary>
    public async Task Use(params HostProcess[] hosts)
    {
        var before = Children.ToList();
        Configure(hosts);
        Signal.Send(process!.Id, "HUP");
        await Eventually.Holds(() => Task.FromResult(Children.Any() && !Children.Intersect(before).Any()));
    }

    /// <summary>Returns a client that opens a connection for each request, as separate callers would.</summary>
    public HttpClient Client()
    {
        var client = new HttpClient(new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = (_, _, _, _) => true,
            AllowAutoRedirect = false,
        })
        {
            BaseAddress = Address,
        };
        client.DefaultRequestHeaders.ConnectionClose = true;
        return client;
    }

    public void Dispose()
    {
        if (process is not null)
        {
            Signal.Send(process.Id, "TERM");
            process.WaitForExit(TimeSpan.FromSeconds(10));
            process.Dispose();
        }

        Directory.Delete(folder, recursive: true);
    }

    private void Configure(HostProcess[] hosts)
    {
        // The first server of the example is replaced by each host, and its second one is removed.
        var server = Server().Match(example).Value;
        var servers = string.Concat(
            hosts.Select(host => server.Replace("10.0.0.11:8080", host.Address.Authority, StringComparison.Ordinal)));
        var configuration = Server().Replace(
            Server().Replace(example, servers, 1), match => match.Value.Contains("10.0.0", StringComparison.Ordinal) ? "" : match.Value)
            .Replace("listen 443 ssl;", $"listen 127.0.0.1:{port} ssl;", StringComparison.Ordinal)
            .Replace("server_name ecg.example.org;", "server_name localhost;", StringComparison.Ordinal)
            .Replace("/etc/ssl/ecg.example.org.pem", "certificate.pem", StringComparison.Ordinal)
            .Replace("/etc/ssl/private/ecg.example.org.key", "key.pem", StringComparison.Ordinal);
        Assert.DoesNotContain("10.0.0", configuration, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(folder, "idoven.conf"), configuration);
    }

    private static async Task<bool> Answers(HttpClient client)
    {
        try
        {
            return (await client.GetAsync("/.well-known/jwks")).StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static string Read(string file) => File.Exists(file) ? File.ReadAllText(file) : "";

    [GeneratedRegex("    server [0-9][^\n]*\n")]
    private static partial Regex Server();
}

/// <summary>Declares the system calls that .NET does not offer.</summary>
internal static class Signal
{
    public static void Send(int processId, string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, $"{processId}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }
}
