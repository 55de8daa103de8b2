using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Idoven.Shared.Data;

internal interface IModuleMigration
{
    string Module { get; }

    Task Run(NpgsqlConnectionStringBuilder admin, ILogger logger, CancellationToken ct);
}

/// <summary>
/// Migrates the schema of one module to this build. There are two roles: <c>&lt;module&gt;_owner</c> cannot log in and owns every table.
/// The role of the running connection string reads and writes rows of its own schema only, can only insert into tables that keep their
/// rows, and can only read the history of the migrations.
/// </summary>
internal sealed class ModuleMigration<TDb>(string module, NpgsqlConnectionStringBuilder running) : IModuleMigration
    where TDb : DbContext
{
    private const int MaxAttempts = 20;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(50);

    public string Module => module;

    private string History => $"{module}.__migrations";

    public async Task Run(NpgsqlConnectionStringBuilder admin, ILogger logger, CancellationToken ct)
    {
        var owner = $"{module}_owner";
        await MakeRoles(admin, owner, ct);

        var asOwner = new NpgsqlConnectionStringBuilder(admin.ConnectionString) { Options = $"-c role={owner} -c search_path={module}" };
        await using var migrating = NpgsqlDataSource.Create(asOwner.ConnectionString);
        var options = new DbContextOptionsBuilder<TDb>().UseModule(migrating, module).Options;
        await using var db = (TDb)Activator.CreateInstance(typeof(TDb), options)!;
        var pending = (await db.Database.GetPendingMigrationsAsync(ct)).ToList();
        logger.LogInformation("{Module}: {Count} migrations to apply", module, pending.Count);
        await db.Database.MigrateAsync(ct);
        await using var keep = migrating.CreateCommand(RightsToWhatIsKept());
        await keep.ExecuteNonQueryAsync(ct);
    }

    /// <summary>
    /// Creates the roles. They belong to the whole server: a migration of another database may change the same roles concurrently.
    /// </summary>
    private async Task MakeRoles(NpgsqlConnectionStringBuilder admin, string owner, CancellationToken ct)
    {
        await using var source = NpgsqlDataSource.Create(admin.ConnectionString);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var command = source.CreateCommand(Roles(owner));
                await command.ExecuteNonQueryAsync(ct);
                return;
            }
            catch (PostgresException e) when (attempt < MaxAttempts && IsAnothersTouch(e))
            {
                await Task.Delay(RetryAfter, ct);
            }
        }
    }

    private static bool IsAnothersTouch(PostgresException e) =>
        e.SqlState is PostgresErrorCodes.DuplicateObject or PostgresErrorCodes.UniqueViolation
        || (e.SqlState == PostgresErrorCodes.InternalError && e.MessageText.Contains("concurrently updated", StringComparison.Ordinal));

    private string Roles(string owner)
    {
        var app = running.Username!;
        return $"""
            do $$ begin
              if not exists (select from pg_roles where rolname = {Literal(owner)}) then create role {Name(owner)} nologin; end if;
              if not exists (select from pg_roles where rolname = {Literal(app)}) then create role {Name(app)} login; end if;
            end $$;
            alter role {Name(app)} login password {Literal(ScramVerifier(running.Password ?? ""))};
            alter role {Name(app)} set search_path = {Name(module)};
            grant {Name(owner)} to current_user;
            create schema if not exists {Name(module)} authorization {Name(owner)};
            revoke all on schema public from public;
            grant usage on schema {Name(module)} to {Name(app)};
            grant select, insert, update, delete on all tables in schema {Name(module)} to {Name(app)};
            grant usage on all sequences in schema {Name(module)} to {Name(app)};
            alter default privileges for role {Name(owner)} in schema {Name(module)}
              grant select, insert, update, delete on tables to {Name(app)};
            alter default privileges for role {Name(owner)} in schema {Name(module)} grant usage on sequences to {Name(app)};
            {RightsToWhatIsKept()}
            """;
    }

    /// <summary>
    /// Restricts the running role: it can only read and insert into a table with the trigger <c>keep</c>, and can only read the history of
    /// the migrations.
    /// </summary>
    private string RightsToWhatIsKept() => $"""
        do $$ declare kept regclass; begin
          for kept in select t.tgrelid::regclass from pg_trigger t join pg_class c on c.oid = t.tgrelid
                      where t.tgname = 'keep' and c.relnamespace = {Literal(module)}::regnamespace loop
            execute format('revoke update, delete, truncate on %s from %I', kept, {Literal(running.Username!)});
          end loop;
          if to_regclass({Literal(History)}) is not null then
            execute format('revoke insert, update, delete, truncate on %s from %I', {Literal(History)}, {Literal(running.Username!)});
          end if;
        end $$;
        """;

    private static string Name(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Literal(string value) => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>
    /// Returns the verifier that PostgreSQL stores (RFC 5802, RFC 7677): the password itself never reaches the server or its log.
    /// </summary>
    private static string ScramVerifier(string password)
    {
        const int iterations = 4096;
        var salt = RandomNumberGenerator.GetBytes(16);
        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, iterations, HashAlgorithmName.SHA256, 32);
        var storedKey = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var serverKey = HMACSHA256.HashData(salted, "Server Key"u8);
        return
            $"SCRAM-SHA-256${iterations}:{Convert.ToBase64String(salt)}$" +
            $"{Convert.ToBase64String(storedKey)}:{Convert.ToBase64String(serverKey)}";
    }
}
