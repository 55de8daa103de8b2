using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Users;

/// <summary>Deleting a user erases everything of theirs, whatever goes on at that moment.</summary>
public sealed class ErasureTests(RunningParts parts)
{
    [Fact]
    public async Task Account_sessions_tokens_and_ecgs_of_a_deleted_user_are_erased_and_counted()
    {
        var person = await parts.Host.NewPerson();
        using var owner = await parts.Host.SignIn(person);
        using var admin = await parts.Host.Admin();
        for (var i = 0; i < 3; i++)
        {
            await owner.EndStatus(await owner.Submit());
        }

        await (await admin.GetAsync($"{People.Route}/erasures/{person.Id}")).Problem(HttpStatusCode.NotFound);
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"{People.Route}/{person.Id}")).StatusCode);
        await (await admin.GetAsync($"{People.Route}/{person.Id}")).Problem(HttpStatusCode.NotFound);
        await (await admin.DeleteAsync($"{People.Route}/{person.Id}")).Problem(HttpStatusCode.NotFound);

        var erasure = await Finished(admin, person.Id);
        var modules = erasure.GetProperty("modules");
        Assert.Equal(3, modules.GetProperty("ecgs").GetProperty("counts").GetProperty("ecgs").GetInt32());
        Assert.Equal(1, modules.GetProperty("identity").GetProperty("counts").GetProperty("accounts").GetInt32());
        Assert.Equal(1, modules.GetProperty("identity").GetProperty("counts").GetProperty("sessions").GetInt32());
        Assert.Equal(3, modules.GetProperty("identity").GetProperty("counts").GetProperty("tokens").GetInt32());
        Assert.DoesNotContain(person.Username, erasure.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(0L, await parts.Host.Query<long>("select count(*) from ecgs.ecgs where owner_id = $1", person.Id.ToString()));
        Assert.Equal(0L, await parts.Host.Query<long>("select count(*) from identity.accounts where id = $1", person.Id));
        Assert.Equal(0L, await parts.Host.Query<long>("select count(*) from identity.tokens where subject = $1", person.Id.ToString()));
        Assert.Equal(0L, await parts.Host.Query<long>("select count(*) from users.users where id = $1", person.Id));
        await Assert.ThrowsAsync<InvalidOperationException>(() => parts.Host.Token(person));

        using var user = await parts.Host.SignIn(await parts.Host.NewPerson());
        await (await user.GetAsync($"{People.Route}/erasures/{person.Id}")).Problem(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task An_erasure_that_was_cut_off_goes_on_where_it_stopped()
    {
        const int ecgs = 120;
        var (settings, broker) = await parts.OwnParts();
        Guid user;
        await using (var host = await RunningHost.Start(settings))
        {
            // The third batch fails until the host ends.
            await host.Execute(
                """
                create sequence ecgs.cut; grant usage on sequence ecgs.cut to public;
                create function ecgs.cut() returns trigger language plpgsql as $$ begin
                  if new.erased_ecgs > 100 then raise 'cut off by a test'; end if; return new; end $$;
                create trigger cut before update on ecgs.owners for each row execute function ecgs.cut();
                """);
            using var superadmin = await host.Superadmin();
            user = (await superadmin.Register(People.NewName())).Id();
            using var owner = host.Client(HandMadeToken.Of(host, settings.Issuer, user));
            await Task.WhenAll(Enumerable.Range(0, ecgs).Select(_ => owner.Submit(1, -1)));
            Assert.Equal(HttpStatusCode.NoContent, (await superadmin.DeleteAsync($"{People.Route}/{user}")).StatusCode);
            await Eventually.Holds(async () => await host.Query<long>("select erased_ecgs from ecgs.owners where id = $1", user.ToString()) == 100);
            Assert.Equal(20L, await host.Query<long>("select count(*) from ecgs.ecgs"));
        }

        await using var events = await WatchingQueue.OfEvents(broker.Uri);
        await using var next = await RunningHost.Start(settings);
        await next.Execute("drop function ecgs.cut cascade");
        using var admin = await next.Superadmin();
        var erasure = await Finished(admin, user);

        Assert.Equal(ecgs, erasure.GetProperty("modules").GetProperty("ecgs").GetProperty("counts").GetProperty("ecgs").GetInt32());
        Assert.Equal((long)ecgs, await next.Query<long>("select count(distinct key) from ecgs.outbox where type like '%EcgDeleted'"));
    }

    [Fact]
    public async Task Upload_analysis_and_erasure_interleaved_a_thousand_times_leave_no_row_and_no_event_after_the_deletion()
    {
        const int rounds = 1000;
        const int atATime = 12;
        await using var events = await WatchingQueue.OfEvents(parts.Broker.Uri);
        using var admin = await parts.Host.NewOwner("users:read users:write");
        var accepted = new ConcurrentBag<(Guid Ecg, Guid Owner)>();
        var refused = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, rounds), new ParallelOptions { MaxDegreeOfParallelism = atATime }, async (round, _) =>
        {
            var user = (await admin.Register(People.NewName())).Id();
            using var owner = parts.Host.Client(HandMadeToken.Of(parts.Host, parts.Settings.Issuer, user));

            // The erasure comes with the uploads, right behind the first, or once its analysis is on its way or done.
            var first = Upload(owner, user);
            if (round % 4 > 0 && await first is { } ecg && round % 4 > 1)
            {
                await Eventually.Holds(async () => round % 4 == 2 || (await owner.GetStringAsync($"{EcgCalls.Route}/{ecg}")).Contains("processed", StringComparison.Ordinal));
            }

            var second = Upload(owner, user);
            Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"{People.Route}/{user}", CancellationToken.None)).StatusCode);
            await Task.WhenAll(first, second);

            // Every fourth goes on until the erasure is felt.
            await Eventually.Holds(async () => round % 4 > 0 || await Upload(owner, user) is null);
        });

        var owners = accepted.Select(one => one.Owner).Distinct().ToArray();
        await Eventually.Holds(
            async () => await parts.Host.Query<long>(
                "select count(*) from users.erased_parts where module = 'ecgs' and user_id = any($1)", owners) == owners.Length
                && await parts.Host.Query<long>("select count(*) from ecgs.outbox where sent_at is null") == 0,
            within: TimeSpan.FromMinutes(3));
        var deleted = accepted.Select(one => one.Ecg).ToHashSet();
        await Eventually.Holds(() => Task.FromResult(events.Seen.Count(seen => seen.RoutingKey == "ecg.deleted.v1" && deleted.Contains(Guid.Parse(Subject(seen)))) >= deleted.Count));

        foreach (var table in new[] { "ecgs.ecgs where id", "ecgs.leads where ecg_id", "ecgs.signal_blocks where ecg_id", "ecgs.insight_sets where ecg_id" })
        {
            Assert.Equal(0L, await parts.Host.Query<long>($"select count(*) from {table} = any($1)", deleted.ToArray()));
        }

        var processed = 0;
        foreach (var told in events.Seen.Where(seen => deleted.Contains(Guid.Parse(Subject(seen)))).GroupBy(Subject))
        {
            var inOrder = told.OrderBy(seen => long.Parse(seen.Json.GetProperty("sequence").GetString()!, CultureInfo.InvariantCulture)).ToList();
            Assert.Equal(inOrder.Select(seen => seen.Id), told.Select(seen => seen.Id));
            Assert.Equal("ecg.deleted.v1", inOrder[^1].RoutingKey);
            Assert.Single(inOrder, seen => seen.RoutingKey == "ecg.deleted.v1");
            processed += inOrder.Count - 1;
        }

        // Otherwise nothing was interleaved at all.
        Assert.InRange(processed, rounds / 4, deleted.Count - 1);
        Assert.InRange(refused, rounds / 4, int.MaxValue);
        TestContext.Current.SendDiagnosticMessage($"{rounds} rounds: {deleted.Count} ECGs stored, {processed} analysed, {refused} uploads refused");

        async Task<Guid?> Upload(HttpClient owner, Guid user)
        {
            using var response = await owner.Upload(EcgCalls.Body(1, -1, 2));
            if (response.StatusCode == HttpStatusCode.Unauthorized)
            {
                Interlocked.Increment(ref refused);
                return null;
            }

            Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
            var ecg = (await response.Content.ReadFromJsonAsync<JsonElement>()).Id();
            accepted.Add((ecg, user));
            return ecg;
        }
    }

    private static string Subject(SeenMessage message) => message.Json.GetProperty("subject").GetString()!;

    private static async Task<JsonElement> Finished(HttpClient admin, Guid user)
    {
        JsonElement erasure = default;
        await Eventually.Holds(async () =>
        {
            erasure = await admin.GetFromJsonAsync<JsonElement>($"{People.Route}/erasures/{user}");
            return erasure.GetProperty("finishedAt").ValueKind != JsonValueKind.Null;
        });
        return erasure;
    }
}
