using System.ComponentModel;
using System.Diagnostics;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Ecgs;

/// <summary>
/// Clients of other languages send a large upload that is rejected before its body is read. Each of them prints the status of the answer; a
/// connection that is closed too early is an error to it.
/// </summary>
[Trait("Hosts", "one")]
public sealed class RejectedUploadTests(RunningParts parts)
{
    private const int Large = 16 << 20;
    private const int Limit = 1 << 20;

    private const string Python =
        """
        import sys, urllib.parse, http.client
        url, token, path = sys.argv[1:]
        address = urllib.parse.urlparse(url)
        headers = {"Authorization": "Bearer " + token, "Content-Type": "application/json"}
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
        connection.request("POST", address.path, open(path, "rb").read(), headers)
        print(connection.getresponse().status)
        """;

    private const string Node =
        """
        const [url, token, path] = process.argv.slice(1);
        const body = require("fs").readFileSync(path);
        const headers = { Authorization: "Bearer " + token, "Content-Type": "application/json" };
        fetch(url, { method: "POST", body, headers }).then(
          async answer => { await answer.text(); console.log(answer.status); },
          error => { console.error(error, error.cause); process.exit(1); });
        """;

    public static TheoryData<string> Programs => ["curl", "python3", "node"];

    [Theory, MemberData(nameof(Programs))]
    public async Task A_client_that_sends_a_large_upload_gets_the_reason_of_its_rejection(string program)
    {
        if (!IsInstalled(program))
        {
            var reason = $"{program} is not installed";
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") is null, reason);
            Assert.Fail(reason);
        }

        await using var host = await RunningHost.Start(parts.Settings, ("Ecgs:Uploads", "2"), ("Ecgs:UploadsPerCaller", "1"));
        await using var narrow = await RunningHost.Start(parts.Settings, ("Ecgs:MaxBodyBytes", $"{Limit}"));
        using var active = new ActiveRequests(host);
        var (first, second, third) = (await Owner(host), await Owner(host), await Owner(host));
        var body = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(body, new string(' ', Large));
            Assert.Equal("401", await Run(program, host, "no-token", body));
            Assert.Equal("403", await Run(program, host, await host.NewOwnerToken("ecgs:read"), body));
            Assert.Equal("413", await Run(program, narrow, await Owner(narrow), body));

            using var firstOwner = host.Client(first);
            using var secondOwner = host.Client(second);
            var slow = new[] { new SlowBody(EcgCalls.Body(1, -1)), new SlowBody(EcgCalls.Body(1, -1)) };
            var answers = new[] { await slow[0].Upload(firstOwner), await slow[1].Upload(secondOwner) };
            await active.Await(slow.Length);
            Assert.Equal("503", await Run(program, host, third, body));
            slow[1].Finish();
            (await answers[1]).Dispose();
            Assert.Equal("429", await Run(program, host, first, body));
            slow[0].Finish();
            (await answers[0]).Dispose();
        }
        finally
        {
            File.Delete(body);
        }
    }

    private static Task<string> Owner(RunningHost host) => host.NewOwnerToken("ecgs:read ecgs:write");

    private static bool IsInstalled(string program)
    {
        try
        {
            using var probe = Start(program, "--version");
            probe.WaitForExit();
            return true;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    private static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    /// <returns>What the program prints: the status.</returns>
    private static async Task<string> Run(string program, RunningHost host, string token, string body)
    {
        var url = new Uri(host.Ecgs, EcgCalls.Route).AbsoluteUri;
        string[] arguments = program switch
        {
            "curl" =>
            [
                "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-H", $"Authorization: Bearer {token}",
                "-H", "Content-Type: application/json", "-H", "Expect:", "--data-binary", $"@{body}", url,
            ],
            "node" => ["-e", Node, url, token, body],
            _ => ["-c", Python, url, token, body],
        };
        using var process = Start(program, arguments);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromMinutes(1));
        var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        var errors = process.StandardError.ReadToEndAsync(deadline.Token);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }

        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {await errors}");
        return (await output).Trim();
    }
}
