using System.Data;
using Npgsql;
using NpgsqlTypes;

namespace Idoven.Shared.Messaging.Leadership;

/// <summary>The exception for work that needs the lease of a module's leader when this host no longer holds it.</summary>
internal sealed class LeaseLostException(string schema, Exception? cause = null)
    : Exception($"This host no longer holds the lease of the leader of {schema}.", cause);

/// <summary>
/// The lease of a module's leader: one row that the holder renews every three seconds and that expires after ten by the database's clock.
/// The session that took it also holds an advisory lock, which hosts of the previous release use alone.
/// <para>
/// Everything that only the leader may write runs in <see cref="RunInTransaction"/>, on that session: its transaction renews the lease
/// first, so it fails once another host has taken it, and it ends with the session. By its own monotonic clock, the holder also detects
/// that it was suspended for longer than the lease is valid.
/// </para>
/// </summary>
internal sealed class LeaderLease : IAsyncDisposable
{
    /// <summary>The time for which a renewal is valid.</summary>
    public static readonly TimeSpan Validity = TimeSpan.FromSeconds(10);

    /// <summary>Seconds after which a statement on the holder's session fails. Shorter than the validity.</summary>
    public const int StatementTimeout = 5;

    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private readonly NpgsqlConnection session;
    private readonly string schema;
    private readonly TimeProvider clock;
    private readonly CancellationTokenSource lost = new();
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly ITimer expiry;
    private readonly Task renewing;
    private long renewedAt;

    private LeaderLease(NpgsqlConnection session, string schema, Guid holder, long epoch, long renewedAt, TimeProvider clock)
    {
        (this.session, this.schema, Holder, Epoch, this.renewedAt, this.clock) = (session, schema, holder, epoch, renewedAt, clock);
        expiry = clock.CreateTimer(_ => Lose(), null, Remaining, Timeout.InfiniteTimeSpan);
        renewing = KeepRenewing();
    }

    /// <summary>Gets the id of the host's worker.</summary>
    public Guid Holder { get; }

    /// <summary>Gets the number of this lease: it grows by one each time the lease is taken.</summary>
    public long Epoch { get; }

    /// <summary>
    /// Gets whether the last renewal that committed was sent less than ten seconds ago, and no later one has failed for good.
    /// </summary>
    public bool IsValid => !lost.IsCancellationRequested && Remaining > TimeSpan.Zero;

    /// <summary>Gets a token that is canceled when the lease is lost.</summary>
    public CancellationToken Lost => lost.Token;

    private TimeSpan Remaining
    {
        get
        {
            var remaining = Validity - clock.GetElapsedTime(Volatile.Read(ref renewedAt));
            return remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero;
        }
    }

    /// <summary>
    /// Takes the lease if it is free: expired, released, or held by this same host in a session that ended. A holder whose lease has
    /// expired but whose session still has the lock is frozen or unreachable: its session is ended first.
    /// </summary>
    /// <returns>The lease; null if another host leads.</returns>
    public static async Task<LeaderLease?> TryTake(
        NpgsqlDataSource database, string schema, Guid holder, TimeProvider clock, CancellationToken ct)
    {
        var session = await database.OpenConnectionAsync(ct);
        LeaderLease? lease = null;
        try
        {
            if (await TryLock(session, schema, ct) || (await EndExpiredHolder(session, schema, ct) && await TryLock(session, schema, ct)))
            {
                var asked = clock.GetTimestamp();
                if (await TakeOver(session, schema, holder, ct) is { } epoch)
                {
                    lease = new LeaderLease(session, schema, holder, epoch, asked, clock);
                }
            }

            return lease;
        }
        finally
        {
            if (lease is null)
            {
                await Unlock(session);
            }
        }
    }

    /// <summary>Renews the lease in a separate transaction.</summary>
    /// <exception cref="LeaseLostException">Another host has taken it, or it has expired.</exception>
    public Task Renew(CancellationToken ct) => RunInTransaction(_ => Task.FromResult(true), ct);

    /// <summary>
    /// Runs statements on the holder's session, in one transaction that first renews the lease and waits at most two seconds for a lock.
    /// </summary>
    /// <exception cref="LeaseLostException">Another host has taken it, it has expired, or the session has ended.</exception>
    public async Task<T> RunInTransaction<T>(Func<NpgsqlTransaction, Task<T>> work, CancellationToken ct)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, lost.Token);
        try
        {
            await turn.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new LeaseLostException(schema);
        }

        try
        {
            return await RenewAndRun(work, either.Token);
        }
        catch (Exception e) when (
            e is not LeaseLostException && !ct.IsCancellationRequested && (!IsValid || session.State != ConnectionState.Open))
        {
            Lose();
            throw new LeaseLostException(schema, e);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Gives the lease back, so that another host can take it at once.</summary>
    public async ValueTask DisposeAsync()
    {
        var wasValid = IsValid;
        Lose();
        await renewing;
        await expiry.DisposeAsync();
        if (wasValid)
        {
            await Release();
        }

        await Unlock(session);
        turn.Dispose();
        lost.Dispose();
    }

    private static async Task<bool> TryLock(NpgsqlConnection session, string schema, CancellationToken ct)
    {
        await using var command = Command(session, "select pg_try_advisory_lock(hashtext($1), hashtext('worker'))", schema);
        return await command.ExecuteScalarAsync(ct) is true;
    }

    /// <summary>
    /// Ends the session that holds the lock if it is the one that the lease names and the lease has expired. A session that started after
    /// the last renewal is another one under the same process id; a host of the previous release has no lease and keeps its lock.
    /// </summary>
    private static async Task<bool> EndExpiredHolder(NpgsqlConnection session, string schema, CancellationToken ct)
    {
        await using var command = Command(
            session,
            $"""
            select pg_terminate_backend(activity.pid, 2000)
            from {schema}.leader
            join pg_locks as lock on lock.pid = leader.backend_pid and lock.granted and lock.locktype = 'advisory' and lock.objsubid = 2
              and lock.database = (select oid from pg_database where datname = current_database())
              and lock.classid::bigint = hashtext($1)::bigint & 4294967295 and lock.objid::bigint = hashtext('worker')::bigint & 4294967295
            join pg_stat_activity as activity on activity.pid = lock.pid and activity.backend_start <= leader.until - $2
            where leader.holder is not null and leader.until < clock_timestamp()
            """,
            schema, Validity);
        return await command.ExecuteScalarAsync(ct) is true;
    }

    /// <summary>
    /// Takes the lease. A row that is valid for longer than a renewal can set was written before the database's clock was set back.
    /// </summary>
    private static async Task<long?> TakeOver(NpgsqlConnection session, string schema, Guid holder, CancellationToken ct)
    {
        await using var command = Command(
            session,
            $"""
            update {schema}.leader set holder = $1, epoch = epoch + 1, until = clock_timestamp() + $2, backend_pid = pg_backend_pid()
            where holder is null or holder = $1 or until < clock_timestamp() or until > clock_timestamp() + $2
            returning epoch
            """,
            holder, Validity);
        return (long?)await command.ExecuteScalarAsync(ct);
    }

    /// <summary>Releases the lock. A session must not keep it in the pool: if the lock cannot be released, the session is closed.</summary>
    private static async Task Unlock(NpgsqlConnection session)
    {
        try
        {
            await using var command = Command(session, "select pg_advisory_unlock_all()");
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException or OperationCanceledException)
        {
            NpgsqlConnection.ClearPool(session);
        }

        await session.DisposeAsync();
    }

    private static NpgsqlCommand Command(NpgsqlConnection session, string sql, params object[] parameters)
    {
        var command = new NpgsqlCommand(sql, session) { CommandTimeout = StatementTimeout };
        command.Parameters.AddRange(parameters.Select(value => new NpgsqlParameter { Value = value }).ToArray());
        return command;
    }

    private async Task<T> RenewAndRun<T>(Func<NpgsqlTransaction, Task<T>> work, CancellationToken ct)
    {
        if (!IsValid)
        {
            throw new LeaseLostException(schema);
        }

        var asked = clock.GetTimestamp();
        await using var transaction = await session.BeginTransactionAsync(ct);
        await using (var renew = new NpgsqlBatch(session, transaction) { Timeout = StatementTimeout })
        {
            renew.BatchCommands.Add(new("set local lock_timeout = '2s'"));
            renew.BatchCommands.Add(new(
                $"""
                update {schema}.leader set until = clock_timestamp() + $3 where holder = $1 and epoch = $2 and until > clock_timestamp()
                """)
            {
                Parameters =
                    { new() { Value = Holder }, new() { Value = Epoch }, new() { Value = Validity, NpgsqlDbType = NpgsqlDbType.Interval } },
            });
            if (await renew.ExecuteNonQueryAsync(ct) != 1)
            {
                Lose();
                throw new LeaseLostException(schema);
            }
        }

        var result = await work(transaction);
        await transaction.CommitAsync(ct);
        Volatile.Write(ref renewedAt, asked);
        expiry.Change(Remaining, Timeout.InfiniteTimeSpan);
        return result;
    }

    private async Task KeepRenewing()
    {
        var pause = RenewEvery;
        while (!lost.IsCancellationRequested)
        {
            await Task.Delay(pause, clock, lost.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await Renew(CancellationToken.None);
                pause = RenewEvery;
            }
            catch (LeaseLostException)
            {
                return;
            }
            catch (Exception)
            {
                // The database rejects writes, or is slow: the lease is still valid until it expires.
                pause = RetryAfter;
            }
        }
    }

    private async Task Release()
    {
        try
        {
            await using var command = Command(
                session,
                $"update {schema}.leader set holder = null, until = clock_timestamp() where holder = $1 and epoch = $2", Holder, Epoch);
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException or OperationCanceledException)
        {
            // It expires.
        }
    }

    private void Lose()
    {
        try
        {
            lost.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The timer fired while the lease was disposed.
        }
    }
}
