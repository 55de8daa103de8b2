using Idoven.Host.Tests.Parts;
using Npgsql;

namespace Idoven.Host.Tests.Ecgs;

/// <summary>Creates many ECGs in the database and blocks their analysis, for tests of the backlog.</summary>
internal static class WaitingEcgs
{
    /// <summary>Copies an ECG with its leads and signals; each copy waits for its first analysis.</summary>
    /// <param name="set">Columns of <c>ecgs</c> that differ from a new ECG, with their values in SQL.</param>
    /// <returns>The ids of the copies.</returns>
    public static Task<Guid[]> Copy(this RunningHost host, Guid ecg, int copies, params (string Column, string Value)[] set)
    {
        var columns = new Dictionary<string, string> { ["next_attempt_at"] = "now()" };
        foreach (var (column, value) in set)
        {
            columns[column] = value;
        }

        return host.Query<Guid[]>(
            $"""
            with copy as (select gen_random_uuid() as id from generate_series(1, {copies})),
            ecgs as (
              insert into ecgs.ecgs
                (id, owner_id, date, status, submitted_at, body_sha256, attempts, sampling_frequency, {string.Join(", ", columns.Keys)})
              select copy.id, owner_id, date, 'queued', now(), body_sha256, 0, sampling_frequency, {string.Join(", ", columns.Values)}
              from ecgs.ecgs, copy where ecgs.id = $1),
            leads as (
              insert into ecgs.leads (ecg_id, lead_no, name, samples)
              select copy.id, lead_no, name, samples from ecgs.leads, copy where ecg_id = $1),
            blocks as (
              insert into ecgs.signal_blocks (ecg_id, lead_no, block_no, encoding, samples, bytes)
              select copy.id, lead_no, block_no, encoding, samples, bytes from ecgs.signal_blocks, copy where ecg_id = $1)
            select array_agg(id) from copy
            """,
            ecg);
    }

    /// <summary>Blocks every analysis, without a failure, until the result is disposed.</summary>
    public static async Task<IAsyncDisposable> HoldAnalysis(this HostSettings settings)
    {
        var connection = new NpgsqlConnection(settings.Admin);
        await connection.OpenAsync();
        await using var hold = new NpgsqlCommand("begin; lock table ecgs.insight_sets in access exclusive mode", connection);
        await hold.ExecuteNonQueryAsync();
        return connection;
    }

    /// <summary>Returns how many of these ECGs were sent to the analysis queue, and are not processed yet.</summary>
    public static Task<long> Sent(this RunningHost host, Guid[] ecgs) =>
        host.Query<long>("select count(*) from ecgs.ecgs where id = any($1) and status = 'queued' and dispatched_at is not null", ecgs);

    public static Task<long> Processed(this RunningHost host, Guid[] ecgs) =>
        host.Query<long>("select count(*) from ecgs.ecgs where id = any($1) and status = 'processed'", ecgs);

    /// <summary>Returns how many messages these ECGs had.</summary>
    public static Task<long> Messages(this RunningHost host, params Guid[] ecgs) =>
        host.Query<long>("select count(*) from ecgs.outbox where key = any($1) and type like '%EcgSubmitted'", ecgs);
}
