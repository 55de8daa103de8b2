using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Users;

/// <summary>
/// Tests uploads, analyses and erasures that interleave. Many rounds keep the machine busy, so no timed test runs at the same time.
/// <c>IDOVEN_ERASURE_ROUNDS</c> sets the number of rounds (the nightly run: 1,000).
/// </summary>
[Collection(nameof(SerialCollection))]
public sealed class ErasureRaceTests(RunningParts parts)
{
    private static readonly int Rounds = int.Parse(
        Environment.GetEnvironmentVariable("IDOVEN_ERASURE_ROUNDS") ?? "200", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Erasure_during_upload_and_analysis_leaves_no_row_and_no_event_after_the_deletion()
    {
        const int atATime = 12;
        await using var events = await WatchingQueue.OfEvents(parts.Broker.Uri);
        using var admin = await parts.Host.NewOwner("users:read users:write");
        var accepted = new ConcurrentBag<(Guid Ecg, Guid Owner)>();
        var refused = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = atATime };
        await Parallel.ForEachAsync(Enumerable.Range(0, Rounds), options, async (round, _) =>
        {
            var user = (await admin.Register(TestUsers.NewName())).Id();
            using var owner = parts.Host.Client(HandMadeToken.Create(parts.Host, parts.Settings.Issuer, user));

            // The erasure starts with the uploads, right after the first one, during its analysis, or once its event is sent.
            var first = Upload(owner, user);
            if (round % 4 > 0 && await first is { } ecg && round % 4 > 1)
            {
                await Eventually.Holds(async () => round % 4 == 2 || await parts.Host.Query<bool>(
                    "select exists (select from ecgs.outbox where key = $1 and type like '%EcgProcessed' and sent_at is not null)", ecg));
            }

            var second = Upload(owner, user);
            Assert.Equal(
                HttpStatusCode.NoContent, (await admin.DeleteAsync($"{TestUsers.Route}/{user}", CancellationToken.None)).StatusCode);
            await Task.WhenAll(first, second);

            // One of four rounds uploads until the erasure takes effect.
            await Eventually.Holds(async () => round % 4 > 0 || await Upload(owner, user) is null);
        });

        var owners = accepted.Select(one => one.Owner).Distinct().ToArray();
        await Eventually.Holds(
            async () => await parts.Host.Query<long>(
                "select count(*) from users.erased_parts where module = 'ecgs' and user_id = any($1)", owners) == owners.Length
                && await parts.Host.Query<long>("select count(*) from ecgs.outbox where sent_at is null") == 0,
            within: TimeSpan.FromMinutes(3));
        var deleted = accepted.Select(one => one.Ecg).ToHashSet();
        await Eventually.Holds(() => Task.FromResult(
            events.Seen.Count(seen => seen.RoutingKey == "ecg.deleted.v1" && deleted.Contains(Guid.Parse(Subject(seen))))
            >= deleted.Count));

        foreach (var table in new[]
        {
            "ecgs.ecgs where id",
            "ecgs.leads where ecg_id",
            "ecgs.signal_blocks where ecg_id",
            "ecgs.insight_sets where ecg_id",
        })
        {
            Assert.Equal(0L, await parts.Host.Query<long>($"select count(*) from {table} = any($1)", deleted.ToArray()));
        }

        var processed = 0;
        foreach (var told in events.Seen.Where(seen => deleted.Contains(Guid.Parse(Subject(seen)))).GroupBy(Subject))
        {
            var inOrder = told.OrderBy(seen => long.Parse(seen.Json.GetProperty("sequence").GetString()!, CultureInfo.InvariantCulture))
                .ToList();
            Assert.Equal(inOrder.Select(seen => seen.Id), told.Select(seen => seen.Id));
            Assert.Equal("ecg.deleted.v1", inOrder[^1].RoutingKey);

            // An event that had a number and was not yet sent when its ECG was erased is sent as a deletion under the same number.
            Assert.DoesNotContain(
                inOrder.SkipWhile(seen => seen.RoutingKey != "ecg.deleted.v1"), seen => seen.RoutingKey != "ecg.deleted.v1");
            processed += inOrder.Count(seen => seen.RoutingKey == "ecg.processed.v1");
        }

        // One round of four waits for the event of its analysis, another uploads until it is rejected, and two delete at once.
        Assert.InRange(processed, Rounds / 4, deleted.Count - (Rounds / 4));
        Assert.InRange(refused, Rounds / 4, int.MaxValue);
        TestContext.Current.SendDiagnosticMessage(
            $"{Rounds} rounds: {deleted.Count} ECGs stored, {processed} analysed, {refused} uploads refused");

        async Task<Guid?> Upload(HttpClient owner, Guid user)
        {
            using var response = await EcgCalls.UntilAccepted(() => owner.Upload(EcgCalls.Body(1, -1, 2)));
            if (response.StatusCode == HttpStatusCode.Unauthorized)
            {
                Interlocked.Increment(ref refused);
                return null;
            }

            Assert.True(response.StatusCode == HttpStatusCode.Accepted, await response.Content.ReadAsStringAsync());
            var ecg = (await response.Content.ReadFromJsonAsync<JsonElement>()).Id();
            accepted.Add((ecg, user));
            return ecg;
        }
    }

    private static string Subject(SeenMessage message) => message.Json.GetProperty("subject").GetString()!;
}
