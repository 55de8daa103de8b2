using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Ecgs;

/// <summary>
/// Measures how long others wait while one caller uses as much as it can get (<c>./idoven bench shares</c>). Each figure is printed
/// three times, without a limit for it.
/// </summary>
[Collection(nameof(SerialCollection)), Trait("Hosts", "one")]
public sealed class ShareBenchTests(RunningParts parts, ITestOutputHelper output)
{
    private const int Runs = 3;
    private const int Others = 4;
    private const int RequestsOfEach = 40;
    private const int AtOnce = 16;
    private const int Unread = 8;
    private static readonly byte[] Small = Encoding.UTF8.GetBytes(
        EcgCalls.Body([.. Enumerable.Range(0, 4_000).Select(i => i * i % 997)], 500));
    private static readonly byte[] Large = Packed(EcgCalls.Body([.. Enumerable.Range(0, 2_000_000).Select(i => i % 50)], 500));

    [Fact(Explicit = true)]
    public async Task Print_how_long_others_wait_while_one_caller_uses_all_it_can_get()
    {
        var settings = await parts.OwnParts();
        using var host = await HostProcess.Start(settings, ("Ecgs:UploadsPerCaller", "8"));
        await using var identity = await RunningHost.Start(settings, ("Modules:Enabled", "identity"));
        var token = await identity.NewOwnerToken("ecgs:read ecgs:write");
        using var greedy = host.Client(token);
        var others = new List<HttpClient>();
        for (var i = 0; i < Others; i++)
        {
            others.Add(host.Client(await identity.NewOwnerToken("ecgs:read ecgs:write")));
        }

        using var longEcg = await Upload(greedy, Large, isPacked: true);
        var signal = $"{longEcg.Headers.Location}/signal?lead=I";
        (string Name, Func<CancellationToken, Task> Take)[] kinds =
        [
            ("nothing", _ => Task.CompletedTask),
            ($"{AtOnce} uploads at a time", ct => Loop(AtOnce, () => Upload(greedy, Small, isPacked: false), ct)),
            ($"{AtOnce} large uploads at a time", ct => Loop(AtOnce, () => Upload(greedy, Large, isPacked: true), ct)),
            ($"{Unread} downloads that are not read", ct => TakeDownloads(host.Address, signal, token, ct)),
        ];
        await Measure(others);
        for (var run = 1; run <= Runs; run++)
        {
            foreach (var (name, take) in kinds)
            {
                using var enough = new CancellationTokenSource();
                var taking = take(enough.Token);
                var (uploads, reads, rejected) = await Measure(others);
                await enough.CancelAsync();
                await taking;
                output.WriteLine(
                    $"run {run}, one caller takes {name}: uploads of others {Times(uploads)}, reads {Times(reads)}, {rejected} of"
                    + $" {Others * RequestsOfEach * 2} rejected");
            }
        }

        others.ForEach(other => other.Dispose());
    }

    private static async Task<(double[] Uploads, double[] Reads, int Rejected)> Measure(List<HttpClient> others)
    {
        var (uploads, reads, rejected) = (new List<double>(), new List<double>(), 0);
        await Task.WhenAll(others.Select(async other =>
        {
            for (var i = 0; i < RequestsOfEach; i++)
            {
                var (upload, uploaded) = await Timed(() => Upload(other, Small, isPacked: false));
                var (read, answered) = await Timed(() => other.GetAsync($"{EcgCalls.Route}?limit=10"));
                lock (uploads)
                {
                    uploads.Add(upload);
                    reads.Add(read);
                    rejected += (uploaded ? 0 : 1) + (answered ? 0 : 1);
                }
            }
        }));
        return ([.. uploads.Order()], [.. reads.Order()], rejected);
    }

    private static async Task<(double Milliseconds, bool IsSuccess)> Timed(Func<Task<HttpResponseMessage>> send)
    {
        var began = Stopwatch.GetTimestamp();
        using var response = await send();
        return (Stopwatch.GetElapsedTime(began).TotalMilliseconds, response.IsSuccessStatusCode);
    }

    /// <summary>Sends requests in this many loops. A loop whose request was rejected pauses for 100 ms.</summary>
    private static Task Loop(int loops, Func<Task<HttpResponseMessage>> send, CancellationToken ct) =>
        Task.WhenAll(Enumerable.Range(0, loops).Select(async _ =>
    {
        while (!ct.IsCancellationRequested)
        {
            using var response = await send();
            if (response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)
            {
                await Task.Delay(100, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }));

    private static async Task TakeDownloads(Uri host, string signal, string token, CancellationToken ct)
    {
        var unread = await Task.WhenAll(Enumerable.Range(0, Unread).Select(_ => UnreadDownload.Start(host, signal, token)));
        var ended = new TaskCompletionSource();
        await using var registration = ct.Register(ended.SetResult);
        await ended.Task;
        Array.ForEach(unread, download => download.Dispose());
    }

    private static Task<HttpResponseMessage> Upload(HttpClient client, byte[] body, bool isPacked)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (isPacked)
        {
            content.Headers.ContentEncoding.Add("gzip");
        }

        return client.PostAsync(EcgCalls.Route, content);
    }

    private static byte[] Packed(string body)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
        {
            gzip.Write(Encoding.UTF8.GetBytes(body));
        }

        return packed.ToArray();
    }

    private static string Times(double[] sorted) =>
        FormattableString.Invariant($"median {sorted[sorted.Length / 2]:0} ms, 99 % {sorted[sorted.Length * 99 / 100]:0} ms");
}
