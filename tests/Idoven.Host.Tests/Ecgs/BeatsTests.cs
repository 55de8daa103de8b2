using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Idoven.Ecgs.Analysis.Synthetic;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Ecgs;

/// <summary>Tests the detected beats in each media type.</summary>
public sealed class BeatsTests(RunningParts parts)
{
    private static readonly SyntheticEcg Synthetic = SyntheticEcg.Generate(
        new SyntheticEcgOptions { DurationSeconds = 30, VentricularEctopics = 2, NoiseUv = 10 });

    [Fact]
    public async Task Beats_of_one_lead_and_of_all_leads_are_the_generated_beats()
    {
        using var owner = await parts.Host.NewOwner();
        var ecg = await Upload(owner);

        var fused = await owner.GetFromJsonAsync<JsonElement>($"{EcgCalls.Route}/{ecg}/beats");
        Assert.Equal(JsonValueKind.Null, fused.GetProperty("lead").ValueKind);
        AssertBeats(fused);
        var lead = await owner.GetFromJsonAsync<JsonElement>($"{EcgCalls.Route}/{ecg}/beats?lead=II");
        Assert.Equal("II", lead.GetProperty("lead").GetString());
        AssertBeats(lead);
        Assert.Equal(2, fused.GetProperty("beats").EnumerateArray().Count(beat => beat.GetProperty("class").GetString() == "V"));
    }

    [Theory]
    [InlineData("text/csv")]
    [InlineData("application/x-wfdb-annotation")]
    public async Task Beats_are_returned_in_the_media_type_of_the_Accept_header(string accept)
    {
        using var owner = await parts.Host.NewOwner();
        var ecg = await Upload(owner);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{EcgCalls.Route}/{ecg}/beats") { Headers = { { "Accept", accept } } };
        using var response = await owner.SendAsync(request);
        var bytes = await response.Content.ReadAsByteArrayAsync();

        Assert.Equal(accept, response.Content.Headers.ContentType!.MediaType);
        if (accept == "text/csv")
        {
            Assert.Equal(
                Synthetic.Beats.Count + 1, Encoding.ASCII.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        }
        else
        {
            Assert.Equal([0, 0], bytes[^2..]);
            Assert.InRange(bytes.Length, (Synthetic.Beats.Count * 2) + 2, (Synthetic.Beats.Count * 8) + 2);
        }
    }

    [Fact]
    public async Task Unchanged_beats_return_304_only_in_the_same_media_type()
    {
        using var owner = await parts.Host.NewOwner();
        var ecg = await Upload(owner);
        using var first = await owner.GetAsync($"{EcgCalls.Route}/{ecg}/beats");

        Assert.Equal(HttpStatusCode.NotModified, (await Again("application/json")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Again("text/csv")).StatusCode);

        async Task<HttpResponseMessage> Again(string accept)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{EcgCalls.Route}/{ecg}/beats")
            {
                Headers = { { "Accept", accept }, { "If-None-Match", first.Headers.ETag!.ToString() } },
            };
            return await owner.SendAsync(request);
        }
    }

    [Fact]
    public async Task Beats_without_a_sampling_frequency_are_given_in_samples()
    {
        using var owner = await parts.Host.NewOwner();
        var ecg = await Upload(owner, samplingFrequency: null);

        var response = await owner.GetFromJsonAsync<JsonElement>($"{EcgCalls.Route}/{ecg}/beats");
        Assert.Equal(JsonValueKind.Null, response.GetProperty("samplingFrequency").ValueKind);
        var beats = response.GetProperty("beats").EnumerateArray().ToList();
        Assert.Equal(Synthetic.Beats.Count, beats.Count);
        Assert.All(Synthetic.Beats.Zip(beats), pair =>
        {
            Assert.Equal(JsonValueKind.Null, pair.Second.GetProperty("timeMs").ValueKind);
            Assert.Equal(
                pair.First.TimeSeconds * Synthetic.SamplingFrequency, pair.Second.GetProperty("sample").GetInt32(),
                0.04 * Synthetic.SamplingFrequency);
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{EcgCalls.Route}/{ecg}/beats")
        {
            Headers = { { "Accept", "text/csv" } },
        };
        using var csv = await owner.SendAsync(request);
        Assert.Matches(@"^\d+,,[NSV]$", (await csv.Content.ReadAsStringAsync()).Split('\n')[1]);
    }

    [Fact]
    public async Task Beats_that_were_not_computed_return_409_and_those_of_another_owner_404()
    {
        using var owner = await parts.Host.NewOwner();
        var ecg = await owner.Submit();
        await owner.EndStatus(ecg);

        Assert.EndsWith(
            "/not-computed",
            (await (await owner.GetAsync($"{EcgCalls.Route}/{ecg}/beats")).Problem(HttpStatusCode.Conflict))
                .GetProperty("type").GetString(),
            StringComparison.Ordinal);
        await (await owner.GetAsync($"{EcgCalls.Route}/{ecg}/beats?lead=none")).Problem(HttpStatusCode.BadRequest);
        using var other = await parts.Host.NewOwner();
        await (await other.GetAsync($"{EcgCalls.Route}/{ecg}/beats")).Problem(HttpStatusCode.NotFound);
    }

    private static Task<Guid> Upload(HttpClient owner) => Upload(owner, Synthetic.SamplingFrequency);

    private static async Task<Guid> Upload(HttpClient owner, double? samplingFrequency)
    {
        using var response = await owner.PostAsJsonAsync(EcgCalls.Route, new
        {
            date = "2026-11-23T10:15:00Z",
            samplingFrequency,
            leads = Synthetic.Leads.Take(3).Select(lead => new { name = lead.Name, signal = lead.Samples }),
        });
        var ecg = (await response.Content.ReadFromJsonAsync<JsonElement>()).Id();
        Assert.Equal("processed", await owner.EndStatus(ecg));
        return ecg;
    }

    private static void AssertBeats(JsonElement response)
    {
        var beats = response.GetProperty("beats").EnumerateArray().ToList();
        Assert.Equal(Synthetic.Beats.Count, beats.Count);
        Assert.All(Synthetic.Beats.Zip(beats), pair =>
        {
            Assert.InRange(pair.Second.GetProperty("timeMs").GetDouble() - (1000 * pair.First.TimeSeconds), -40, 40);
            Assert.Equal(
                pair.Second.GetProperty("timeMs").GetDouble() * Synthetic.SamplingFrequency / 1000,
                pair.Second.GetProperty("sample").GetInt32(), 0.51);
        });
    }
}
