using Idoven.Host.Tests.Parts;
using Npgsql;

namespace Idoven.Host.Tests.Persistence;

public sealed class SchemaTests(RunningParts parts)
{
    public static TheoryData<string, string> Pairs =>
    [
        .. from module in Tables.Keys from other in Tables.Keys where module != other select (module, Tables[other]),
    ];

    private static Dictionary<string, string> Tables => new()
    {
        ["ecgs"] = "ecgs.ecgs",
        ["users"] = "users.users",
        ["identity"] = "identity.accounts",
    };

    [Theory, MemberData(nameof(Pairs))]
    public async Task Module_role_cannot_access_other_schemas(string module, string foreignTable)
    {
        await using var role = NpgsqlDataSource.Create(parts.Settings.ConnectionString(module));
        await using var own = role.CreateCommand($"select count(*) from {Tables[module]}");
        Assert.IsType<long>(await own.ExecuteScalarAsync());

        await using var foreign = role.CreateCommand($"select count(*) from {foreignTable}");
        var refused = await Assert.ThrowsAsync<PostgresException>(() => foreign.ExecuteScalarAsync());
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Theory, InlineData("ecgs"), InlineData("users"), InlineData("identity")]
    public async Task Module_role_can_change_rows_but_not_tables(string module)
    {
        await using var role = NpgsqlDataSource.Create(parts.Settings.ConnectionString(module));
        foreach (var statement in new[]
        {
            $"create table {module}.t (i int)", "create table public.t (i int)", $"drop table {Tables[module]}", "create schema another",
            $"set role {module}_owner", $"delete from {module}.__migrations", $"insert into {module}.__migrations values ('1', '1')",
            $"update {module}.__migrations set product_version = '1'",
        })
        {
            await using var command = role.CreateCommand(statement);
            var refused = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync());
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }
    }

    [Fact]
    public async Task No_foreign_key_or_view_crosses_schemas()
    {
        Assert.Equal(0L, await parts.Host.Query<long>(
            "select count(*) from pg_constraint c join pg_class a on a.oid = c.conrelid join pg_class b on b.oid = c.confrelid"
            + " where c.contype = 'f' and a.relnamespace <> b.relnamespace"));
        Assert.Equal(
            0L,
            await parts.Host.Query<long>(
                "select count(*) from information_schema.view_table_usage where view_schema in ('ecgs', 'users', 'identity')"
                + " and view_schema <> table_schema"));
        Assert.Equal(0L, await parts.Host.Query<long>("select count(*) from pg_tables where schemaname = 'public'"));
    }

    [Fact]
    public async Task Each_schema_has_its_own_migration_history_and_can_be_migrated_again()
    {
        await RunningHost.Migrate(parts.Settings);

        foreach (var module in Tables.Keys)
        {
            Assert.True(await parts.Host.Query<long>($"select count(*) from {module}.__migrations") >= 1);
        }
    }

    [Fact]
    public async Task Hosts_can_migrate_one_database_concurrently()
    {
        var name = $"race_{Guid.NewGuid():N}";
        await parts.Host.Execute($"create database {name}");
        var settings = parts.Settings with
        {
            Admin = new NpgsqlConnectionStringBuilder(parts.Settings.Admin) { Database = name }.ConnectionString,
        };

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => RunningHost.Migrate(settings))));

        await using var admin = NpgsqlDataSource.Create(settings.Admin);
        await using var count = admin.CreateCommand("select count(*) from ecgs.__migrations");
        Assert.True((long)(await count.ExecuteScalarAsync())! >= 1);
    }

    [Fact]
    public async Task Databases_of_one_server_can_be_migrated_concurrently_despite_common_roles()
    {
        var names = Enumerable.Range(0, 4).Select(_ => $"race_{Guid.NewGuid():N}").ToList();
        foreach (var name in names)
        {
            await parts.Host.Execute($"create database {name}");
        }

        await Task.WhenAll(names.Select(name => Task.Run(() => RunningHost.Migrate(
            parts.Settings with
            {
                Admin = new NpgsqlConnectionStringBuilder(parts.Settings.Admin) { Database = name }.ConnectionString,
            }))));
    }

    [Fact]
    public async Task Signal_bytes_are_stored_out_of_line_without_compression() =>
        Assert.Equal('e', await parts.Host.Query<char>(
            "select attstorage from pg_attribute where attrelid = 'ecgs.signal_blocks'::regclass and attname = 'bytes'"));
}
