using System.Security.Cryptography;
using System.Text;
using Idoven.Identity.Infrastructure;
using Idoven.Identity.Keys;
using Idoven.Identity.Sessions;
using Idoven.Shared.Data;
using Npgsql;

namespace Idoven.Identity.SignIn;

/// <summary>What was counted under a key.</summary>
/// <param name="Count">Less one for each half minute that has passed since.</param>
internal sealed record FailedAttemptRow(byte[] Key, double Count, DateTimeOffset LastAt);

/// <summary>
/// One row an account, address or device, and for the codes of devices that an account's holder typed, under a keyed hash: what people type as
/// their name is sometimes their password. Each statement is a transaction of its own, whatever becomes of the request.
/// </summary>
internal sealed class FailedAttemptStore(ModuleDatabase<IdentityDbContext> database, MasterKey master, SignInThrottleOptions options) : IFailedAttempts
{
    private const int KeyLength = 16;

    // One is forgotten every half minute.
    private const string Left = "greatest(0, known.count - extract(epoch from now() - known.last_at) / 30)";

    private const string TakeOneSql = "update identity.guesses set count = greatest(0, count - 1) where key = $1";

    // The account's row is always taken before the address's, so that no two wait for each other.
    private const string CountSql =
        $"""
        insert into identity.guesses as known (key, count, last_at) select unnest($1), 1, now()
        on conflict (key) do update set count = {Left} + 1, last_at = now()
        returning key, count
        """;

    // Nothing is returned where there were too many before it.
    private const string CountCodeSql =
        $"""
        insert into identity.guesses as known (key, count, last_at) values ($1, 1, now())
        on conflict (key) do update set count = {Left} + 1, last_at = now() where {Left} + 1 <= 10
        returning count
        """;

    private readonly byte[] secret = master.Derive("idoven guesses");

    public async Task<FailedAttempt> Count(Guid? account, string login, RequestOrigin origin, CancellationToken ct)
    {
        // Where its holder signed in before, what others guess elsewhere slows nobody down; a stolen device is counted for itself.
        var isFamiliar = account is { } known && origin.Device?.Accounts.Contains(known) == true;
        byte[][] keys = isFamiliar
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

        return new FailedAttempt(keys, FailedAttemptDelay.For(counts[0], keys.Length > 1 ? counts[1] : 0, options.FreeOfAddress), counts[0], isFamiliar);
    }

    public async Task Forget(FailedAttempt guess, CancellationToken ct)
    {
        await using var forget = database.DataSource.CreateBatch();
        forget.BatchCommands.Add(new NpgsqlBatchCommand("delete from identity.guesses where key = $1") { Parameters = { new() { Value = guess.Keys[0] } } });
        if (guess.Keys.Count > 1)
        {
            forget.BatchCommands.Add(new NpgsqlBatchCommand(TakeOneSql) { Parameters = { new() { Value = guess.Keys[1] } } });
        }

        await forget.ExecuteNonQueryAsync(ct);
    }

    public async Task<bool> CountUserCode(Guid account, CancellationToken ct)
    {
        await using var command = database.DataSource.CreateCommand(CountCodeSql);
        command.Parameters.Add(new NpgsqlParameter { Value = UserCodeKey(account) });
        return await command.ExecuteScalarAsync(ct) is not null;
    }

    public async Task ForgetUserCode(Guid account, CancellationToken ct)
    {
        await using var command = database.DataSource.CreateCommand(TakeOneSql);
        command.Parameters.Add(new NpgsqlParameter { Value = UserCodeKey(account) });
        await command.ExecuteNonQueryAsync(ct);
    }

    private byte[] UserCodeKey(Guid account) => Key($"user code {account}");

    private byte[] Key(string of) => HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(of))[..KeyLength];
}
