using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Host.Tests.Parts;
using Npgsql;

namespace Idoven.Host.Tests.Users;

/// <summary>Tests that deleting a user erases all data of the user.</summary>
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

        await (await admin.GetAsync($"{TestUsers.Route}/erasures/{person.Id}")).Problem(HttpStatusCode.NotFound);
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"{TestUsers.Route}/{person.Id}")).StatusCode);
        await (await admin.GetAsync($"{TestUsers.Route}/{person.Id}")).Problem(HttpStatusCode.NotFound);
        await (await admin.DeleteAsync($"{TestUsers.Route}/{person.Id}")).Problem(HttpStatusCode.NotFound);

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
        await (await user.GetAsync($"{TestUsers.Route}/erasures/{person.Id}")).Problem(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Interrupted_erasure_is_resumed()
    {
        const int ecgs = 120;
        var settings = await parts.OwnParts();
        Guid user;
        await using (var host = await RunningHost.Start(settings))
        {
            // The third batch fails until the host stops.
            await host.Execute(
                """
                create sequence ecgs.cut; grant usage on sequence ecgs.cut to public;
                create function ecgs.cut() returns trigger language plpgsql as $$ begin
                  if new.erased_ecgs > 100 then raise 'cut off by a test'; end if; return new; end $$;
                create trigger cut before update on ecgs.owners for each row execute function ecgs.cut();
                """);
            using var superadmin = await host.Superadmin();
            user = (await superadmin.Register(TestUsers.NewName())).Id();
            using var owner = host.Client(HandMadeToken.Create(host, settings.Issuer, user));
            await Task.WhenAll(Enumerable.Range(0, ecgs).Select(_ => owner.Submit(1, -1)));
            Assert.Equal(HttpStatusCode.NoContent, (await superadmin.DeleteAsync($"{TestUsers.Route}/{user}")).StatusCode);
            await Eventually.Holds(
                async () => await host.Query<long>("select erased_ecgs from ecgs.owners where id = $1", user.ToString()) == 100);
            Assert.Equal(20L, await host.Query<long>("select count(*) from ecgs.ecgs"));
        }

        await using var events = await WatchingQueue.OfEvents(settings.Broker);
        await using var next = await RunningHost.Start(settings);
        await next.Execute("drop function ecgs.cut cascade");
        using var admin = await next.Superadmin();
        var erasure = await Finished(admin, user);

        Assert.Equal(ecgs, erasure.GetProperty("modules").GetProperty("ecgs").GetProperty("counts").GetProperty("ecgs").GetInt32());
        Assert.Equal((long)ecgs, await next.Query<long>("select count(distinct key) from ecgs.outbox where type like '%EcgDeleted'"));
        await Eventually.Holds(() => Task.FromResult(Deleted().Count >= 20));
        Assert.Distinct(Deleted());

        List<string?> Deleted() =>
            [.. events.Seen.Where(message => message.RoutingKey == "ecg.deleted.v1").Select(
                message => message.Json.GetProperty("subject").GetString())];
    }

    [Fact]
    public async Task Erasure_waits_for_an_upload_being_stored_and_erases_it()
    {
        const int gate = 4711;
        using var admin = await parts.Host.Admin();
        var user = (await admin.Register(TestUsers.NewName())).Id();
        using var owner = parts.Host.Client(HandMadeToken.Create(parts.Host, parts.Settings.Issuer, user));
        await owner.Submit();
        await parts.Host.Execute(
            $"""
            create function ecgs.hold() returns trigger language plpgsql as $$ begin
              perform pg_advisory_xact_lock({gate}); return new; end $$;
            create trigger hold before insert on ecgs.leads for each row when (new.name = 'held') execute function ecgs.hold();
            """);
        await using var holder = new NpgsqlConnection(parts.Settings.Admin);
        await holder.OpenAsync();
        await using var hold = new NpgsqlCommand($"select pg_advisory_lock({gate})", holder);
        await hold.ExecuteNonQueryAsync();

        // The upload locks the row of its owner and waits at the gate; then the owner is deleted.
        var uploading = owner.Upload(EcgCalls.Body(1, -1).Replace("\"I\"", "\"held\"", StringComparison.Ordinal));
        await Eventually.Holds(async () => await parts.Host.Query<long>(
            $"select count(*) from pg_locks where locktype = 'advisory' and objid = {gate} and not granted") == 1);
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"{TestUsers.Route}/{user}")).StatusCode);
        await Eventually.Holds(async () => await parts.Host.Query<long>(
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like 'insert into ecgs.owners as owner%'") > 0);
        await using var release = new NpgsqlCommand($"select pg_advisory_unlock({gate})", holder);
        await release.ExecuteNonQueryAsync();

        using var uploaded = await uploading;
        Assert.Equal(HttpStatusCode.Accepted, uploaded.StatusCode);
        var erasure = await Finished(admin, user);
        Assert.Equal(2, erasure.GetProperty("modules").GetProperty("ecgs").GetProperty("counts").GetProperty("ecgs").GetInt32());
        Assert.Equal(0L, await parts.Host.Query<long>("select count(*) from ecgs.ecgs where owner_id = $1", user.ToString()));
        await parts.Host.Execute("drop function ecgs.hold cascade");
    }

    private static async Task<JsonElement> Finished(HttpClient admin, Guid user)
    {
        JsonElement erasure = default;
        await Eventually.Holds(async () =>
        {
            erasure = await admin.GetFromJsonAsync<JsonElement>($"{TestUsers.Route}/erasures/{user}");
            return erasure.GetProperty("finishedAt").ValueKind != JsonValueKind.Null;
        });
        return erasure;
    }
}
