using System.Net;
using System.Net.Http.Headers;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Ecgs;

/// <summary>Tests downloads whose clients read slowly or not at all, and downloads that cannot be completed.</summary>
public sealed class DownloadTests(RunningParts parts)
{
    // The response has 16 MB, of which the buffers of the operating system hold at most 4 MB.
    private const int ManySamples = 4_000_000;

    [Fact, Trait("Hosts", "one")]
    [Trait(LimitedResourceTests.Trait, "connections to the database")]
    public async Task Downloads_that_are_not_read_hold_no_database_connection()
    {
        const int downloads = 21;
        var settings = await parts.OwnParts();
        await using var host = await RunningHost.Start(settings, ("Ecgs:DownloadsPerCaller", $"{downloads}"));
        using var connections = new UsedConnections(settings);
        var token = await host.NewOwnerToken("ecgs:read ecgs:write");
        var ecg = await NewLongEcg(host, token);
        using var other = await host.NewOwner();

        var unread = await Task.WhenAll(
            Enumerable.Range(0, downloads).Select(_ => UnreadDownload.Start(host.Ecgs, SignalAddress(ecg), token)));

        Assert.All(unread, download => Assert.Equal("HTTP/1.1 200", download.Status));
        await Eventually.Holds(() => Task.FromResult(connections.Count() == 0));
        var statuses = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            using var response = await other.GetAsync(EcgCalls.Route);
            return response.StatusCode;
        }));
        Assert.All(statuses, status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.Equal(HttpStatusCode.OK, (await host.Management.GetAsync("/health/ready")).StatusCode);
        Close(unread);
    }

    [Fact, Trait("Hosts", "one")]
    [Trait(LimitedResourceTests.Trait, "downloads in progress")]
    public async Task Caller_at_its_share_of_downloads_gets_429_and_others_are_served()
    {
        await using var host = await RunningHost.Start(await parts.OwnParts(), ("Ecgs:DownloadsPerCaller", "2"), ("Ecgs:Downloads", "3"));
        var token = await host.NewOwnerToken("ecgs:read ecgs:write");
        using var owner = host.Client(token);
        var ecg = await NewLongEcg(host, token);
        var otherToken = await host.NewOwnerToken("ecgs:read ecgs:write");
        using var other = host.Client(otherToken);
        var small = await other.Submit();
        var large = await NewLongEcg(host, otherToken);
        var unread = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => UnreadDownload.Start(host.Ecgs, SignalAddress(ecg), token)));

        foreach (var address in new[] { SignalAddress(ecg), $"{EcgCalls.Route}/{ecg}/beats" })
        {
            using var third = await owner.GetAsync(address);
            var problem = await third.Problem(HttpStatusCode.TooManyRequests);
            Assert.Equal(
                ("/problems/too-many-at-once", "This caller has 2 downloads in progress, which is the maximum."),
                (problem.GetProperty("type").GetString(), problem.GetProperty("detail").GetString()));
            Assert.Equal(TimeSpan.FromSeconds(5), third.Headers.RetryAfter?.Delta);
        }

        Assert.Equal(HttpStatusCode.OK, (await owner.GetAsync($"{EcgCalls.Route}/{ecg}")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync(SignalAddress(small))).StatusCode);

        using (await UnreadDownload.Start(host.Ecgs, SignalAddress(large), otherToken))
        {
            using var full = await other.GetAsync(SignalAddress(small));
            Assert.Equal(
                "This host has 3 downloads in progress, which is the maximum.",
                (await full.Problem(HttpStatusCode.ServiceUnavailable)).GetProperty("detail").GetString());
            Assert.Equal(TimeSpan.FromSeconds(5), full.Headers.RetryAfter?.Delta);
        }

        Close(unread);
        await Eventually.Holds(async () => (await owner.GetAsync($"{SignalAddress(ecg)}&to=1")).StatusCode == HttpStatusCode.OK);
    }

    [Theory, InlineData("application/json"), InlineData("text/csv"), InlineData("application/octet-stream")]
    public async Task Download_with_a_missing_block_is_aborted_or_returns_500_if_nothing_was_sent(string accept)
    {
        using var owner = await parts.Host.NewOwner();
        owner.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue(accept));
        var ecg = await owner.Submit([.. Enumerable.Range(0, 200_000)]);
        await owner.EndStatus(ecg);

        await Remove(block: 3);
        await Assert.ThrowsAsync<HttpRequestException>(() => owner.GetByteArrayAsync(SignalAddress(ecg)));
        Assert.Equal(HttpStatusCode.OK, (await owner.GetAsync($"{SignalAddress(ecg)}&to=1000")).StatusCode);

        await Remove(block: 0);
        using var response = await owner.GetAsync(SignalAddress(ecg));
        await response.Problem(HttpStatusCode.InternalServerError);

        Task Remove(int block) => parts.Host.Execute($"delete from ecgs.signal_blocks where ecg_id = '{ecg}' and block_no = {block}");
    }

    [Fact]
    public async Task Beats_that_cannot_be_decoded_return_500()
    {
        using var owner = await parts.Host.NewOwner();
        using var uploaded = await owner.Upload(EcgCalls.Body([.. Enumerable.Range(0, 1000)], samplingFrequency: 250));
        var address = uploaded.Headers.Location!.ToString();
        await owner.EndStatus(Guid.Parse(address.Split('/')[^1]));
        await parts.Host.Execute($@"update ecgs.beat_lists set beats = '\x80' where ecg_id = '{address.Split('/')[^1]}'");

        using var response = await owner.GetAsync($"{address}/beats");

        await response.Problem(HttpStatusCode.InternalServerError);
    }

    private static string SignalAddress(Guid ecg) => $"{EcgCalls.Route}/{ecg}/signal?lead=I";

    private static async Task<Guid> NewLongEcg(RunningHost host, string token)
    {
        using var owner = host.Client(token);
        return await owner.Submit(new int[ManySamples]);
    }

    private static void Close(UnreadDownload[] downloads) => Array.ForEach(downloads, download => download.Dispose());
}
