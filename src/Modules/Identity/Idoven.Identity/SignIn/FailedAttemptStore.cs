using System.Security.Cryptography;
using System.Text;
using Idoven.Identity.Infrastructure;
using Idoven.Identity.Keys;
using Idoven.Identity.Sessions;
using Idoven.Shared.Data;
using Npgsql;

namespace Idoven.Identity.SignIn;

/// <summary>Represents the failed attempts that were counted under a key.</summary>
/// <param name="Count">The count at that time. It goes down by one every half minute.</param>
internal sealed record FailedAttemptRow(byte[] Key, double Count, DateTimeOffset LastAt);

/// <summary>
/// Counts failed attempts in one row for each account, address and known device, and for the device codes that an account's holder entered.
/// The keys are keyed hashes, because users sometimes type their password into the field for the name. Each statement is a transaction of
/// its own.
/// </summary>
internal sealed class FailedAttemptStore(
    ModuleDatabase<IdentityDbContext> database, MasterKey master, SignInThrottleOptions options) : IFailedAttempts
{
    private const int KeyLength = 16;

    // The count goes down by one every half minute.
    private const string Remaining = "greatest(0, known.count - extract(epoch from now() - known.last_at) / 30)";

    private const string DecrementSql = "update identity.guesses set count = greatest(0, count - 1) where key = $1";

    // The account's row is always locked before the address's, so that two requests cannot deadlock.
    private const string CountSql =
        $"""
        insert into identity.guesses as known (key, count, last_at) select unnest($1), 1, now()
        on conflict (key) do update set count = {Remaining} + 1, last_at = now()
        returning key, count
        """;

    // Returns no row if the limit is reached.
    private const string CountCodeSql =
        $"""
        insert into identity.guesses as known (key, count, last_at) values ($1, 1, now())
        on conflict (key) do update set count = {Remaining} + 1, last_at = now() where {Remaining} + 1 <= 10
        returning count
        """;

    private readonly byte[] secret = master.Derive("idoven guesses");

    public async Task<FailedAttempt> Count(Guid? account, string login, RequestOrigin origin, CancellationToken ct)
    {
        // On a device that the holder signed in on before, attempts from elsewhere cause no delay. Attempts on a stolen device are counted
        // separately.
        var isKnownDevice = account is { } known && origin.Device?.Accounts.Contains(known) == true;
        byte[][] keys = isKnownDevice
            ? [Key($"device {origin.Device!.Id} {account}")]
            : [Key(account is { } id ? $"account {id}" : $"name {login}"), Key($"address {origin.Network}")];
        await using var command = database.DataSource.CreateCommand(CountSql);
        command.Parameters.Add(new NpgsqlParameter { Value = keys });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var counts = new double[keys.Length];
        while (await reader.ReadAsync(ct))
        {
            var key = reader.GetFieldValue<byte[]>(0);
            counts[Array.FindIndex(keys, own => own.AsSpan().SequenceEqual(key))] = reader.GetDouble(1);
        }

        var delay = FailedAttemptDelay.For(counts[0], keys.Length > 1 ? counts[1] : 0, options.FreeOfAddress);
        return new FailedAttempt(keys, delay, counts[0], isKnownDevice);
    }

    public async Task Forget(FailedAttempt attempt, CancellationToken ct)
    {
        await using var forget = database.DataSource.CreateBatch();
        AddCommand("delete from identity.guesses where key = $1", attempt.Keys[0]);
        if (attempt.Keys.Count > 1)
        {
            AddCommand(DecrementSql, attempt.Keys[1]);
        }

        await forget.ExecuteNonQueryAsync(ct);

        void AddCommand(string sql, byte[] key) =>
            forget.BatchCommands.Add(new NpgsqlBatchCommand(sql) { Parameters = { new() { Value = key } } });
    }

    public async Task<bool> CountUserCode(Guid account, CancellationToken ct)
    {
        await using var command = database.DataSource.CreateCommand(CountCodeSql);
        command.Parameters.Add(new NpgsqlParameter { Value = UserCodeKey(account) });
        return await command.ExecuteScalarAsync(ct) is not null;
    }

    public async Task ForgetUserCode(Guid account, CancellationToken ct)
    {
        await using var command = database.DataSource.CreateCommand(DecrementSql);
        command.Parameters.Add(new NpgsqlParameter { Value = UserCodeKey(account) });
        await command.ExecuteNonQueryAsync(ct);
    }

    private byte[] UserCodeKey(Guid account) => Key($"user code {account}");

    private byte[] Key(string name) => HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(name))[..KeyLength];
}
