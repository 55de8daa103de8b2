using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Ecgs;

/// <summary>
/// Clients in other languages send a large upload that is rejected before its body is read. Each of them prints the status of
/// the response; it fails if the connection is closed too early.
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
          async response => { await response.text(); console.log(response.status); },
          error => { console.error(error, error.cause); process.exit(1); });
        """;

    private static readonly string[] Clients = ["curl", "python3", "node"];

    [Fact]
    public async Task Clients_that_send_a_large_upload_get_the_reason_of_its_rejection()
    {
        Programs.SkipIfMissing(Clients.FirstOrDefault(program => !Programs.IsInstalled(program)) is { } missing
            ? $"{missing} is not installed"
            : null);
        await using var host = await RunningHost.Start(parts.Settings, ("Ecgs:Uploads", "3"), ("Ecgs:UploadsPerCaller", "1"));
        await using var narrow = await RunningHost.Start(parts.Settings, ("Ecgs:MaxBodyBytes", $"{Limit}"));
        var tokens = new[] { await NewOwnerToken(host), await NewOwnerToken(host), await NewOwnerToken(host) };
        var owners = tokens.Select(token => host.Client(token)).ToList();
        var body = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(body, new string(' ', Large));
            foreach (var program in Clients)
            {
                await AssertStatus(program, "401", host, "no-token", body);
                await AssertStatus(program, "403", host, await host.NewOwnerToken("ecgs:read"), body);
                await AssertStatus(program, "413", narrow, await NewOwnerToken(narrow), body);

                var slow = new List<(SlowBody Body, Task<HttpResponseMessage> Answer)>();
                foreach (var owner in owners)
                {
                    var inProgress = new SlowBody(EcgCalls.Body(1, -1));
                    slow.Add((inProgress, await inProgress.Upload(owner)));
                }

                await EcgCalls.UploadsInProgress(host, slow.Count);
                await AssertStatus(program, "503", host, await NewOwnerToken(host), body);
                slow[2].Body.Finish();
                Assert.Equal(HttpStatusCode.Accepted, (await slow[2].Answer).StatusCode);

                // The upload of the second owner is in progress, so the first owner is limited to its share.
                await AssertStatus(program, "429", host, tokens[0], body);
                slow[0].Body.Finish();
                slow[1].Body.Finish();
                await Task.WhenAll(slow[0].Answer, slow[1].Answer);
            }
        }
        finally
        {
            File.Delete(body);
        }
    }

    private static async Task AssertStatus(string program, string status, RunningHost host, string token, string body) =>
        Assert.Equal((program, status), (program, await Run(program, host, token, body)));

    private static Task<string> NewOwnerToken(RunningHost host) => host.NewOwnerToken("ecgs:read ecgs:write");

    private static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    /// <returns>The printed status.</returns>
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
