using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Ecgs.Analysis.Synthetic;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Ecgs;

public sealed class ReadingTests(RunningParts parts)
{
    [Fact]
    public async Task Insights_count_zero_crossings_of_the_signal_as_sent_and_about_its_baseline()
    {
        using var owner = await parts.Host.NewOwner();
        var ecg = await owner.Submit(1025, 1023, 1024, 1022, 1030);

        var lead = (await owner.Insights(ecg)).GetProperty("leads")[0].GetProperty("zeroCrossings");

        Assert.Equal(0, lead.GetProperty("total").GetInt32());
        var about = lead.GetProperty("aboutBaseline");
        Assert.Equal("median", about.GetProperty("offsetSource").GetString());
        Assert.Equal(1024, about.GetProperty("offset").GetInt32());
        Assert.Equal(
            (2, 1, 1, 1),
            (
                about.GetProperty("total").GetInt32(), about.GetProperty("rising").GetInt32(), about.GetProperty("falling").GetInt32(),
                about.GetProperty("touches").GetInt32()));
    }

    /// <summary>Leads of more than a million samples together are read from the database by several queries.</summary>
    [Fact]
    public async Task Each_lead_of_a_long_recording_has_its_own_insights()
    {
        using var owner = await parts.Host.NewOwner();
        int[] alternating = [.. Enumerable.Range(0, 600_000).Select(i => i % 2 == 0 ? 1 : -1)];
        (string Name, int[] Signal)[] leads =
        [
            ("a", [1, -1, 1]), ("b", alternating), ("c", [1, -1, 1, -1]), ("d", alternating[..599_999]), ("e", [1, -1]),
        ];
        using var uploaded = await owner.PostAsJsonAsync(
            EcgCalls.Route, new
            {
                date = "2026-11-23T10:15:00Z",
                leads = leads.Select(lead => new { name = lead.Name, signal = lead.Signal }),
            });

        var insights = await owner.Insights((await uploaded.Content.ReadFromJsonAsync<JsonElement>()).Id());

        Assert.Equal(
            leads.Select(lead => (lead.Name, lead.Signal.Length - 1)),
            insights.GetProperty("leads")
                .EnumerateArray()
                .Select(lead =>
                    (lead.GetProperty("name").GetString()!, lead.GetProperty("zeroCrossings").GetProperty("total").GetInt32())));
    }

    [Fact]
    public async Task Disconnected_lead_is_unusable_and_the_other_leads_have_insights()
    {
        using var owner = await parts.Host.NewOwner();
        var beats = SyntheticEcg.Generate(new SyntheticEcgOptions { NoiseUv = 10 }).Leads[1].Samples;
        using var uploaded = await owner.PostAsJsonAsync(EcgCalls.Route, new
        {
            date = "2026-11-23T10:15:00Z",
            samplingFrequency = 500,
            leads = new[] { new { name = "II", signal = beats }, new { name = "V1", signal = new int[beats.Length] } },
        });

        var insights = await owner.Insights((await uploaded.Content.ReadFromJsonAsync<JsonElement>()).Id());

        Assert.Equal(
            ["good", "unusable"],
            insights.GetProperty("leads").EnumerateArray().Select(lead => lead.GetProperty("quality").GetProperty("class").GetString()));
        Assert.InRange(insights.GetProperty("global").GetProperty("beats").GetProperty("count").GetInt32(), 10, 14);
    }

    [Fact]
    public async Task Unchanged_response_returns_304()
    {
        using var owner = await parts.Host.NewOwner();
        var ecg = await owner.Submit();
        await owner.EndStatus(ecg);
        foreach (var address in new[] { $"{EcgCalls.Route}/{ecg}", $"{EcgCalls.Route}/{ecg}/insights" })
        {
            using var first = await owner.GetAsync(address);
            using var again = new HttpRequestMessage(HttpMethod.Get, address);
            again.Headers.IfNoneMatch.Add(first.Headers.ETag!);

            Assert.Equal(HttpStatusCode.NotModified, (await owner.SendAsync(again)).StatusCode);
        }
    }

    [Theory]
    [InlineData("application/json", """{"lead":"I","from":1,"signal":[-7,8]}""")]
    [InlineData("text/csv", "sample,value\n1,-7\n2,8\n")]
    public async Task Signal_range_is_returned_in_the_accepted_media_type(string accept, string expected)
    {
        using var owner = await parts.Host.NewOwner();
        var ecg = await owner.Submit(1, -7, 8, 9);

        using var response = await Signal(owner, ecg, "&from=1&to=3", accept);

        Assert.Equal(accept, response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(expected, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Signal_of_several_blocks_is_returned_completely()
    {
        using var owner = await parts.Host.NewOwner();
        int[] signal = [.. Enumerable.Range(0, 200_000).Select(i => (i * 7919 % 4001) - 2000)];
        var ecg = await owner.Submit(signal);

        using var whole = await Signal(owner, ecg, "", "application/octet-stream");
        using var piece = await Signal(owner, ecg, "&from=65530&to=131080", "application/octet-stream");

        Assert.Equal(signal, Samples(await whole.Content.ReadAsByteArrayAsync()));
        Assert.Equal(signal[65530..131080], Samples(await piece.Content.ReadAsByteArrayAsync()));
    }

    [Theory]
    [InlineData("?lead=II", 400)]
    [InlineData("", 400)]
    [InlineData("?lead=I&from=3", 400)]
    [InlineData("?lead=I&from=2&to=1", 400)]
    [InlineData("?lead=I&from=-1", 400)]
    [InlineData("?lead=I&from=x", 400)]
    public async Task Invalid_lead_or_range_of_a_signal_returns_an_error(string query, int status)
    {
        using var owner = await parts.Host.NewOwner();
        var ecg = await owner.Submit(1, 2, 3);

        await (await owner.GetAsync($"{EcgCalls.Route}/{ecg}/signal{query}")).Problem((HttpStatusCode)status);
    }

    [Fact]
    public async Task Unsupported_media_type_in_Accept_returns_406()
    {
        using var owner = await parts.Host.NewOwner();
        var ecg = await owner.Submit();

        await (await Signal(owner, ecg, "", "image/png")).Problem(HttpStatusCode.NotAcceptable);
    }

    [Fact]
    public async Task Pages_contain_every_ecg_once_newest_first()
    {
        using var owner = await parts.Host.NewOwner();
        var uploaded = new List<Guid>();
        for (var i = 0; i < 5; i++)
        {
            uploaded.Add(await owner.Submit(i + 1));
        }

        var listed = new List<Guid>();
        var address = $"{EcgCalls.Route}?limit=2";
        while (address is not null)
        {
            using var response = await owner.GetAsync(address);
            var page = await response.Content.ReadFromJsonAsync<JsonElement>();
            listed.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetGuid()));
            address = response.Headers.TryGetValues("Link", out var links) ? links.Single().Split('<', '>')[1] : null;
        }

        uploaded.Reverse();
        Assert.Equal(uploaded, listed);
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=201")]
    [InlineData("status=new")]
    [InlineData("cursor=abc")]
    [InlineData("from=yesterday")]
    public async Task Invalid_filter_returns_400(string query)
    {
        using var owner = await parts.Host.NewOwner();

        await (await owner.GetAsync($"{EcgCalls.Route}?{query}")).Problem(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Filters_narrow_the_list()
    {
        using var owner = await parts.Host.NewOwner();
        async Task<Guid> Upload(string date, string externalId) => (await (await owner.Upload(
            $$"""{"date":"{{date}}","externalId":"{{externalId}}","leads":[{"name":"I","signal":[1]}]}"""))
            .Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
        var old = await Upload("2001-02-03T04:05:06Z", "a");
        var recent = await Upload("2026-11-01T00:00:00Z", "b");
        await owner.EndStatus(old);
        await owner.EndStatus(recent);

        Assert.Equal([old], await Ids("to=2010-01-01T00:00:00Z"));
        Assert.Equal([recent], await Ids("from=2010-01-01T00:00:00Z"));
        Assert.Equal([recent], await Ids("from=2026-11-01T00:00:00Z"));
        Assert.Equal([old], await Ids("to=2026-11-01T00:00:00Z"));
        Assert.Equal([recent], await Ids("externalId=b"));
        Assert.Equal([recent, old], await Ids("status=processed"));
        Assert.Empty(await Ids("status=failed"));

        async Task<Guid[]> Ids(string query) =>
            [
                .. (await owner.GetFromJsonAsync<JsonElement>($"{EcgCalls.Route}?{query}")).GetProperty("items").EnumerateArray()
                    .Select(item => item.GetProperty("id").GetGuid()),
            ];
    }

    [Fact]
    public async Task Deleting_an_ecg_deletes_all_of_its_data()
    {
        using var owner = await parts.Host.NewOwner();
        var ecg = await owner.Submit();
        await owner.EndStatus(ecg);

        Assert.Equal(HttpStatusCode.NoContent, (await owner.DeleteAsync($"{EcgCalls.Route}/{ecg}")).StatusCode);

        await (await owner.GetAsync($"{EcgCalls.Route}/{ecg}")).Problem(HttpStatusCode.NotFound);
        await (await owner.DeleteAsync($"{EcgCalls.Route}/{ecg}")).Problem(HttpStatusCode.NotFound);
        foreach (var table in new[] { "leads", "signal_blocks", "insight_sets" })
        {
            Assert.Equal(0L, await parts.Host.Query<long>($"select count(*) from ecgs.{table} where ecg_id = $1", ecg));
        }
    }

    private static Task<HttpResponseMessage> Signal(HttpClient client, Guid ecg, string query, string accept)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"{EcgCalls.Route}/{ecg}/signal?lead=I{query}");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(accept));
        return client.SendAsync(request);
    }

    private static int[] Samples(byte[] bytes) => [.. bytes.Chunk(sizeof(int)).Select(chunk => BitConverter.ToInt32(chunk))];
}
