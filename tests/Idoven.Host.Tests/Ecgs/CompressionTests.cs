using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Ecgs.Analysis.Synthetic;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Ecgs;

public sealed class CompressionTests(RunningParts parts)
{
    // Half an hour, so that the list of beats is long enough to be compressed.
    private static readonly SyntheticEcg Synthetic = SyntheticEcg.Generate(
        new SyntheticEcgOptions { DurationSeconds = 1800, SamplingFrequency = 100, NoiseUv = 10 });

    [Fact]
    public async Task Large_responses_use_an_accepted_content_coding_and_insights_none()
    {
        using var owner = await parts.Host.NewOwner();
        using var uploaded = await owner.PostAsJsonAsync(EcgCalls.Route, new
        {
            date = "2026-11-23T10:15:00Z",
            samplingFrequency = Synthetic.SamplingFrequency,
            leads = Synthetic.Leads.Take(2).Select(lead => new { name = lead.Name, signal = lead.Samples }),
        });
        var ecg = (await uploaded.Content.ReadFromJsonAsync<JsonElement>()).Id();
        Assert.Equal("processed", await owner.EndStatus(ecg));
        var address = $"{EcgCalls.Route}/{ecg}";
        foreach (var (path, form, varies) in new[]
        {
            ($"{address}/signal?lead=II", "application/json", "Accept, Accept-Encoding"),
            ($"{address}/signal?lead=II", "text/csv", "Accept, Accept-Encoding"),
            ($"{address}/signal?lead=II", "application/octet-stream", "Accept, Accept-Encoding"),
            ($"{address}/beats", "application/json", "Accept, Accept-Encoding"),
            ($"{address}/beats", "text/csv", "Accept, Accept-Encoding"),
            ("/openapi/v1.json", "application/json", "Accept-Encoding"),
        })
        {
            using var plain = await Get(owner, path, form);
            Assert.Empty(plain.Content.Headers.ContentEncoding);
            var expected = await plain.Content.ReadAsByteArrayAsync();
            foreach (var coding in new[] { "gzip", "br" })
            {
                using var packed = await Get(owner, path, form, coding);
                Assert.Equal((HttpStatusCode.OK, form), (packed.StatusCode, packed.Content.Headers.ContentType?.MediaType));
                Assert.Equal([coding], packed.Content.Headers.ContentEncoding);
                Assert.Equal($"{varies}, Origin", string.Join(", ", packed.Headers.Vary));
                Assert.Equal(expected, Unpack(await packed.Content.ReadAsByteArrayAsync(), coding));
                var weak = plain.Headers.ETag is { } ofPlain ? $"W/{ofPlain.Tag[..^1]}-{coding}\"" : null;
                Assert.Equal(weak, packed.Headers.ETag?.ToString());
                if (packed.Headers.ETag is { } tag)
                {
                    using var again = await Get(owner, path, form, coding, $"{tag}");
                    Assert.Equal((HttpStatusCode.NotModified, tag), (again.StatusCode, again.Headers.ETag));
                }
            }
        }

        foreach (var path in new[] { $"{address}/insights", address })
        {
            using var plain = await Get(owner, path, "application/json", "gzip, br");
            Assert.Empty(plain.Content.Headers.ContentEncoding);
            Assert.False(plain.Headers.ETag?.IsWeak);
        }
    }

    private static async Task<HttpResponseMessage> Get(
        HttpClient client, string path, string form, string? coding = null, string? ifNoneMatch = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (header, value) in new[] { ("Accept", form), ("Accept-Encoding", coding), ("If-None-Match", ifNoneMatch) })
        {
            if (value is not null)
            {
                request.Headers.TryAddWithoutValidation(header, value);
            }
        }

        return await client.SendAsync(request);
    }

    private static byte[] Unpack(byte[] packed, string coding)
    {
        using var unpacked = new MemoryStream();
        using Stream unpacking = coding == "gzip"
            ? new GZipStream(new MemoryStream(packed), CompressionMode.Decompress)
            : new BrotliStream(new MemoryStream(packed), CompressionMode.Decompress);
        unpacking.CopyTo(unpacked);
        return unpacked.ToArray();
    }
}
