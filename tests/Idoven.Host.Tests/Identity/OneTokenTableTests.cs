using System.Net;
using System.Security.Cryptography;
using System.Text;
using Idoven.Host.Tests.Parts;
using Idoven.Identity;
using Idoven.Shared.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;

namespace Idoven.Host.Tests.Identity;

/// <summary>Tests the migration that moved the activation tokens to the table of the other one-time tokens.</summary>
public sealed class OneTokenTableTests(RunningParts parts)
{
    private const string MigrationBefore = "20261130211857_EarlierActivations";
    private const string NewPassword = "another good password";

    private static readonly string[] Kinds = ["SecondStep", "Enrolment", "EmailVerification", "Recovery"];

    [Theory, InlineData(false), InlineData(true)]
    public async Task Tokens_issued_before_the_migration_are_valid_once_if_they_were_valid(bool isRevertedMeanwhile)
    {
        var settings = await DatabaseBeforeTheMigration();
        await using var old = NpgsqlDataSource.Create(settings.Admin);
        var (registered, late, expired, used) =
            (await Registered(), await Registered(), await Registered(), (await parts.Host.NewPerson()).Id);
        var person = await parts.Host.NewPerson();
        var (withFactor, enrolling) = (await parts.Host.NewPerson(), await parts.Host.NewPerson());
        var (app, codes) = await parts.Host.TurnSecondFactorOn(withFactor);
        using var self = await parts.Host.SignIn(enrolling);
        var enrollingApp = await self.BeginSecondFactor();
        foreach (var id in new[] { registered, expired, used, person.Id, withFactor.Id, enrolling.Id })
        {
            await Copy(id, old);
        }

        var email = $"{person.Username}@EXAMPLE.ORG";
        await Execute(old, $"update identity.accounts set email = '{email}', normalized_email = '{email}' where id = '{person.Id}'");

        // The rows that the earlier release wrote. It deleted used and replaced tokens, and stored the hashes of those of activations.
        await AddActivation(old, registered, "live activation", "72 hours", version: 2);
        await AddActivation(old, late, "live activation before the account", "72 hours", version: 1);
        await AddActivation(old, expired, "expired activation", "-1 second", version: 1);
        await AddSpentActivation(old, registered, "replaced activation");
        await AddSpentActivation(old, used, "used activation");
        foreach (var kind in Kinds)
        {
            var account = kind switch { "SecondStep" => withFactor.Id, "Enrolment" => enrolling.Id, _ => person.Id };
            await AddToken(old, account, kind, $"live {kind}", email, "5 minutes", wrong: 4);
            await AddToken(old, account, kind, $"expired {kind}", email, "-1 second", wrong: 0);
            await AddToken(old, account, kind, $"failed {kind}", email, "5 minutes", wrong: 5);
        }

        await RunningHost.Migrate(settings);
        if (isRevertedMeanwhile)
        {
            await Migrate(settings, MigrationBefore);
            await RunningHost.Migrate(settings);
        }

        await using var host = await RunningHost.Start(settings);
        await Copy(late, old);
        var client = await host.NewApp();
        using var browser = new Browser(host);
        var signIn = await browser.Get(client.Authorize());

        foreach (var token in new[] { "expired activation", "replaced activation", "used activation" })
        {
            Assert.Equal("/token", await host.Activate(token).Pointer());
        }

        foreach (var token in new[] { "live activation", "live activation before the account" })
        {
            Assert.Equal(HttpStatusCode.NoContent, (await host.Activate(token)).StatusCode);
            Assert.Equal("/token", await host.Activate(token).Pointer());
        }

        foreach (var state in new[] { "expired", "failed", "unknown" })
        {
            Assert.Equal("Sign in", (await Answer("second-step", $"{state} SecondStep", codes[0])).Heading);
            Assert.Equal("Sign in", (await Answer("set-up", $"{state} Enrolment", enrollingApp.WrongCode())).Heading);
            Assert.Equal("/token", await VerifyEmail($"{state} EmailVerification").Pointer());
            Assert.Equal("/token", await Recover($"{state} Recovery").Pointer());
        }

        Assert.Equal(HttpStatusCode.Redirect, (await Answer("second-step", "live SecondStep", app.Code())).Status);
        Assert.Equal("Sign in", (await Answer("second-step", "live SecondStep", codes[0])).Heading);
        Assert.Equal(HttpStatusCode.OK, (await Answer("set-up", "live Enrolment", enrollingApp.Code())).Status);
        Assert.Equal("Sign in", (await Answer("set-up", "live Enrolment", enrollingApp.WrongCode())).Heading);
        Assert.Equal(HttpStatusCode.NoContent, (await VerifyEmail("live EmailVerification")).StatusCode);
        Assert.Equal("/token", await VerifyEmail("live EmailVerification").Pointer());
        Assert.Equal(HttpStatusCode.NoContent, (await Recover("live Recovery")).StatusCode);
        Assert.Equal("/token", await Recover("live Recovery").Pointer());

        Task<WebPage> Answer(string button, string token, string code) => browser.Press(signIn, button, ("step", token), ("code", code));

        Task<HttpResponseMessage> VerifyEmail(string token) =>
            host.Anonymous.Post("/account/email/verify", new { token, password = TestUser.Password });

        Task<HttpResponseMessage> Recover(string token) =>
            host.Anonymous.Post("/account/recover/token", new { token, password = NewPassword });
    }

    /// <summary>The statements are those of the first release, with which hosts of this release may run.</summary>
    [Fact]
    public async Task Earlier_release_reads_and_writes_the_same_activation_tokens()
    {
        await using var role = NpgsqlDataSource.Create(parts.Settings.ConnectionString("identity"));
        var id = await Registered();
        const string read = "select count(*) from identity.activations where user_id = $1 and token_hash = $2 and version = $3";
        var written = await parts.Host.Query<string>("select token_hash from identity.one_time_tokens where account_id = $1", id);
        Assert.Equal(1L, await Scalar(role, read, id, written, 1L));

        var (first, second) = ($"{Guid.NewGuid():N}", $"{Guid.NewGuid():N}");
        Assert.Equal(1, await Execute(
            role, $"update identity.activations set token_hash = '{Hash(first)}', version = 2 where user_id = '{id}'"));
        Assert.Equal("2 Activation", await parts.Host.Query<string>(
            "select version || ' ' || use from identity.one_time_tokens where token_hash = $1", Hash(first)));
        Assert.Equal(1, await Execute(role, $"delete from identity.activations where user_id = '{id}'"));
        Assert.Equal("/token", await parts.Host.Activate(first).Pointer());

        await Execute(
            role,
            $"""
             insert into identity.activations (user_id, expires_at, token_hash, version)
             values ('{id}', now() + interval '1 hour', '{Hash(second)}', 3)
             """);
        Assert.Equal(HttpStatusCode.NoContent, (await parts.Host.Activate(second)).StatusCode);
        Assert.Equal(0L, await Scalar(role, "select count(*) from identity.activations where user_id = $1", id));
    }

    private static string Hash(string token) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private static async Task<int> Execute(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return await command.ExecuteNonQueryAsync();
    }

    private static async Task<object?> Scalar(NpgsqlDataSource database, string sql, params object[] values)
    {
        await using var command = database.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return await command.ExecuteScalarAsync();
    }

    private static Task<int> AddActivation(NpgsqlDataSource database, Guid user, string token, string expiresIn, int version) => Execute(
        database,
        $"""
         insert into identity.activations (user_id, version, token_hash, expires_at)
         values ('{user}', {version}, '{Hash(token)}', now() + interval '{expiresIn}')
         """);

    private static Task<int> AddSpentActivation(NpgsqlDataSource database, Guid user, string token) => Execute(
        database, $"insert into identity.spent_activations (token_hash, user_id, spent_at) values ('{Hash(token)}', '{user}', now())");

    private static Task<int> AddToken(
        NpgsqlDataSource database, Guid account, string use, string token, string email, string expiresIn, int wrong) => Execute(
        database,
        $"""
         insert into identity.one_time_tokens (token_hash, account_id, use, email, issued_at, expires_at, wrong)
         values ('{Hash(token)}', '{account}', '{use}', '{email}', now(), now() + interval '{expiresIn}', {wrong})
         """);

    /// <summary>Creates a database with the schema of Identity as the migration before left it; the roles exist on the server.</summary>
    private async Task<HostSettings> DatabaseBeforeTheMigration()
    {
        var settings = new HostSettings(await parts.CreateDatabase(), parts.OwnVirtualHost())
        {
            MasterKey = parts.Settings.MasterKey,
            SmtpPort = parts.Mail.Port,
        };
        await using var admin = NpgsqlDataSource.Create(settings.Admin);
        await Execute(admin, "create schema identity authorization identity_owner");
        await Migrate(settings, MigrationBefore);
        Assert.Equal('r', await Scalar(admin, "select relkind from pg_class where oid = 'identity.activations'::regclass"));
        return settings;
    }

    private static async Task Migrate(HostSettings settings, string target)
    {
        var asOwner = new NpgsqlConnectionStringBuilder(settings.Admin) { Options = "-c role=identity_owner -c search_path=identity" };
        await using var database = NpgsqlDataSource.Create(asOwner.ConnectionString);
        var type = typeof(IdentityModule).Assembly.GetType("Idoven.Identity.Infrastructure.IdentityDbContext", throwOnError: true)!;
        var options = (DbContextOptionsBuilder)Activator.CreateInstance(typeof(DbContextOptionsBuilder<>).MakeGenericType(type))!;
        await using var db = (DbContext)Activator.CreateInstance(type, options.UseModule(database, "identity").Options)!;
        await db.GetService<IMigrator>().MigrateAsync(target);
    }

    private async Task<Guid> Registered()
    {
        using var admin = await parts.Host.Admin();
        return (await parts.Host.RegisterKnown(admin, TestUsers.NewName())).Id();
    }

    /// <summary>Copies an account of the shared host, with its second factor and its recovery codes.</summary>
    private async Task Copy(Guid id, NpgsqlDataSource database)
    {
        foreach (var (table, key) in new[] { ("accounts", "id"), ("second_factors", "account_id"), ("recovery_codes", "account_id") })
        {
            var rows = await parts.Host.Query<string>(
                $"select coalesce(json_agg(row), '[]')::text from identity.{table} row where {key} = $1", id);
            await using var insert = database.CreateCommand(
                $"insert into identity.{table} select * from json_populate_recordset(null::identity.{table}, $1::json)");
            insert.Parameters.Add(new NpgsqlParameter { Value = rows });
            await insert.ExecuteNonQueryAsync();
        }
    }
}
