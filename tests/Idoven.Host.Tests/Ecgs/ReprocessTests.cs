using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Ecgs.Analysis.Engine;
using Idoven.Ecgs.Analysis.Synthetic;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Ecgs;

/// <summary>Reprocessing adds the insights of the current engine and keeps those of earlier engines.</summary>
public sealed class ReprocessTests(RunningParts parts)
{
    private const string Earlier = "0.9.0";

    [Fact]
    public async Task Ecg_of_an_earlier_engine_is_analysed_again_and_both_insight_documents_can_be_read()
    {
        await using var events = await WatchingQueue.OfEvents(parts.Settings.Broker);
        using var owner = await parts.Host.NewOwner();
        var ecg = await NewEcgOfEarlierEngine(owner);
        Assert.Equal(Earlier, (await Insights(owner, ecg)).GetProperty("engineVersion").GetString());

        using var reprocess = await owner.PostAsync($"{EcgCalls.Route}/{ecg}/reprocess", null);
        Assert.Equal(HttpStatusCode.Accepted, reprocess.StatusCode);
        Assert.Equal("queued", (await reprocess.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("status").GetString());
        Assert.Equal($"{EcgCalls.Route}/{ecg}/insights?engineVersion={AnalysisEngine.Version}", reprocess.Headers.Location!.ToString());
        await Eventually.Holds(async () => (await owner.GetAsync(reprocess.Headers.Location)).StatusCode == HttpStatusCode.OK);

        Assert.Equal(AnalysisEngine.Version, (await Insights(owner, ecg)).GetProperty("engineVersion").GetString());
        Assert.Equal(Earlier, (await Insights(owner, ecg, Earlier)).GetProperty("engineVersion").GetString());
        await Eventually.Holds(() => Task.FromResult(
            events.FindMessages(ecg).Count(message => message.RoutingKey == "ecg.processed.v1") == 2));
        await (await owner.GetAsync($"{EcgCalls.Route}/{ecg}/insights?engineVersion=0.1.0")).Problem(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Ecg_with_insights_of_the_current_engine_is_not_analysed_again()
    {
        await using var events = await WatchingQueue.OfEvents(parts.Settings.Broker);
        using var owner = await parts.Host.NewOwner();
        var ecg = await owner.Submit();
        await owner.EndStatus(ecg);

        using var reprocess = await owner.PostAsync($"{EcgCalls.Route}/{ecg}/reprocess", null);
        Assert.Equal("processed", (await reprocess.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("status").GetString());
        Assert.Equal("processed", (await owner.GetFromJsonAsync<JsonElement>($"{EcgCalls.Route}/{ecg}")).GetProperty("status").GetString());
        Assert.Equal(
            1L, await parts.Host.Query<long>("select count(*) from ecgs.outbox where key = $1 and type like '%EcgSubmitted'", ecg));
    }

    [Fact]
    public async Task Incomplete_insights_of_the_current_engine_are_replaced()
    {
        await using var events = await WatchingQueue.OfEvents(parts.Settings.Broker);
        using var owner = await parts.Host.NewOwner();
        var (byOwner, byOperator) = (await NewIncompleteEcg(owner), await NewIncompleteEcg(owner));
        foreach (var resource in new[] { "insights", "beats" })
        {
            Assert.Contains("-incomplete", await Tag(byOwner, resource), StringComparison.Ordinal);
        }

        using var reprocess = await owner.PostAsync($"{EcgCalls.Route}/{byOwner}/reprocess", null);
        Assert.Equal("queued", (await reprocess.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("status").GetString());
        string[] configuration = [.. parts.Settings.AsConfiguration().Select(pair => $"--{pair.Key}={pair.Value}")];
        Assert.Equal(0, await Program.Main(["reprocess", AnalysisEngine.Version, .. configuration]));

        foreach (var ecg in new[] { byOwner, byOperator })
        {
            await Eventually.Holds(() => Task.FromResult(
                events.FindMessages(ecg).Count(message => message.RoutingKey == "ecg.processed.v1") == 2));
            Assert.True((await owner.Insights(ecg)).TryGetProperty("leads", out _));
            Assert.Equal($"{ecg:N}-{AnalysisEngine.Version}", await Tag(ecg, "insights"));
            Assert.DoesNotContain("-incomplete", await Tag(ecg, "beats"), StringComparison.Ordinal);
            Assert.InRange(await Beats(ecg), 10, 100);
            const string Complete = "select count(*) from ecgs.insight_sets where ecg_id = $1 and not is_incomplete";
            Assert.Equal(1L, await parts.Host.Query<long>(Complete, ecg));

            using var again = await owner.PostAsync($"{EcgCalls.Route}/{ecg}/reprocess", null);
            Assert.Equal("processed", (await again.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("status").GetString());
        }

        async Task<string> Tag(Guid ecg, string resource)
        {
            using var response = await owner.GetAsync($"{EcgCalls.Route}/{ecg}/{resource}");
            return response.Headers.ETag!.Tag.Trim('"');
        }

        async Task<int> Beats(Guid ecg) =>
            (await owner.GetFromJsonAsync<JsonElement>($"{EcgCalls.Route}/{ecg}/beats")).GetProperty("beats").GetArrayLength();
    }

    [Fact]
    public async Task Reprocess_verb_requeues_ecgs_of_earlier_engines_and_a_second_run_finds_none()
    {
        using var owner = await parts.Host.NewOwner();
        var ecgs = new Guid[120];
        await Parallel.ForAsync(
            0, ecgs.Length, new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (i, _) => ecgs[i] = await NewEcgOfEarlierEngine(owner));
        string[] configuration = [.. parts.Settings.AsConfiguration().Select(pair => $"--{pair.Key}={pair.Value}")];

        Assert.Equal(0, await Program.Main(["reprocess", AnalysisEngine.Version, .. configuration]));
        await Eventually.Holds(async () => await Done(AnalysisEngine.Version) == ecgs.Length);
        Assert.Equal(ecgs.Length, await Done(Earlier));
        var messages = await Submissions();
        Assert.Equal(ecgs.Length, await parts.Host.Query<long>(
            "select count(*) from ecgs.accesses where ecg_id = any($1) and action = 'ecg.reprocess' and subject = 'host'", ecgs));

        Assert.Equal(0, await Program.Main(["reprocess", AnalysisEngine.Version, .. configuration]));
        Assert.Equal(messages, await Submissions());
        Assert.Equal(64, await Program.Main(["reprocess", "99.0", .. configuration]));
        Assert.Equal(64, await Program.Main(["reprocess", .. configuration]));

        Task<long> Done(string version) =>
            parts.Host.Query<long>("select count(*) from ecgs.insight_sets where ecg_id = any($1) and engine_version = $2", ecgs, version);
        Task<long> Submissions() =>
            parts.Host.Query<long>("select count(*) from ecgs.outbox where key = any($1) and type like '%EcgSubmitted'", ecgs);
    }

    /// <summary>As text, 1.10.0 is less than 1.9.0.</summary>
    [Fact]
    public async Task Engine_versions_are_compared_as_numbers()
    {
        var today = Version.Parse(AnalysisEngine.Version);
        var later = new Version(today.Major, today.Minor < 10 ? 10 : 100, 0);
        Assert.True(string.CompareOrdinal($"{later}", $"{today}") < 0);
        using var owner = await parts.Host.NewOwner();
        var (ofLater, ofEarlier) = (await NewEcgOfEarlierEngine(owner), await NewEcgOfEarlierEngine(owner));
        await parts.Host.Execute($"update ecgs.insight_sets set engine_version = '{later}' where ecg_id = '{ofLater}'");

        Assert.Equal(
            0,
            await Program.Main(
                ["reprocess", AnalysisEngine.Version, .. parts.Settings.AsConfiguration().Select(pair => $"--{pair.Key}={pair.Value}")]));

        await Eventually.Holds(async () => await Sets(ofEarlier) == 2);
        Assert.Equal("processed", await owner.EndStatus(ofLater));
        Assert.Equal(1L, await Sets(ofLater));

        Task<long> Sets(Guid ecg) => parts.Host.Query<long>("select count(*) from ecgs.insight_sets where ecg_id = $1", ecg);
    }

    [Fact]
    public async Task Reprocessing_an_ecg_of_another_owner_returns_404()
    {
        using var owner = await parts.Host.NewOwner();
        var ecg = await owner.Submit();
        using var other = await parts.Host.NewOwner();
        await (await other.PostAsync($"{EcgCalls.Route}/{ecg}/reprocess", null)).Problem(HttpStatusCode.NotFound);
    }

    /// <summary>Creates an ECG whose insights of the current engine are incomplete: an empty document, and one beat in each list.</summary>
    private async Task<Guid> NewIncompleteEcg(HttpClient owner)
    {
        var synthetic = SyntheticEcg.Generate(new SyntheticEcgOptions { DurationSeconds = 20 });
        using var response = await owner.Upload(EcgCalls.Body(synthetic.Leads[0].Samples, synthetic.SamplingFrequency));
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var ecg = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
        Assert.Equal("processed", await owner.EndStatus(ecg));
        await parts.Host.Execute(
            $$"""
            update ecgs.insight_sets
              set is_incomplete = true, document = convert_to('{"engineVersion":"{{AnalysisEngine.Version}}"}', 'utf8')
              where ecg_id = '{{ecg}}';
            update ecgs.beat_lists set beats = '\x04' where ecg_id = '{{ecg}}'
            """);
        return ecg;
    }

    private async Task<Guid> NewEcgOfEarlierEngine(HttpClient owner)
    {
        var ecg = await owner.Submit();
        await owner.EndStatus(ecg);
        await parts.Host.Execute(
            $"""
            insert into ecgs.insight_sets (ecg_id, engine_version, created_at, document)
              select ecg_id, '{Earlier}', created_at - interval '1 day', convert_to(replace(convert_from(document, 'utf8'),
                '"engineVersion":"{AnalysisEngine.Version}"', '"engineVersion":"{Earlier}"'), 'utf8')
              from ecgs.insight_sets where ecg_id = '{ecg}';
            delete from ecgs.insight_sets where ecg_id = '{ecg}' and engine_version <> '{Earlier}'
            """);
        return ecg;
    }

    private static Task<JsonElement> Insights(HttpClient owner, Guid ecg, string? engineVersion = null) =>
        owner.GetFromJsonAsync<JsonElement>(
            $"{EcgCalls.Route}/{ecg}/insights{(engineVersion is null ? "" : $"?engineVersion={engineVersion}")}");
}
