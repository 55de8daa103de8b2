using Idoven.Ecgs.Application.Accesses;
using Idoven.Ecgs.Tests.Application.Processing;
using Microsoft.Extensions.Time.Testing;

namespace Idoven.Ecgs.Tests.Application.Accesses;

/// <summary>Tests the rows of the access log in memory.</summary>
public sealed class AccessLogTests
{
    private const int Buffer = 100;
    private static readonly Guid Ecg = Guid.CreateVersion7();
    private readonly FakeTimeProvider clock = new(OneEcg.Now);
    private readonly AccessLog log;

    public AccessLogTests() => log = new AccessLog(new AccessOptions { Buffer = Buffer }, clock);

    [Fact]
    public void Repetitions_within_ten_seconds_are_counted_in_one_row_and_later_ones_in_another()
    {
        Add();
        clock.Advance(TimeSpan.FromSeconds(9.999));
        Add();
        Assert.Equal([2], Counts());

        clock.Advance(TimeSpan.FromMilliseconds(1));
        Add();

        Assert.Equal([2, 1], Counts());
    }

    [Fact]
    public void Stored_row_counts_repetitions_until_its_window_ends()
    {
        Add();
        log.Confirm(log.Unstored());
        Assert.Empty(log.Unstored());
        Assert.Equal(1, log.Held);

        clock.Advance(TimeSpan.FromSeconds(5));
        Add();
        var again = Assert.Single(log.Unstored());
        Assert.Equal((2, 1), (again.Count, again.Row.Stored));

        log.Confirm([again]);
        clock.Advance(TimeSpan.FromSeconds(5));
        log.Confirm([]);
        Assert.Equal(0, log.Held);
    }

    [Fact]
    public void Access_during_the_storing_of_its_row_is_stored_by_the_next_run()
    {
        Add();
        var storing = log.Unstored();
        Add();
        log.Confirm(storing);

        Assert.Equal([2], Counts());
    }

    [Fact]
    public void Accesses_that_differ_in_a_part_of_the_key_have_separate_rows()
    {
        Add();
        Add(subject: "another");
        Add(client: "another");
        Add(session: Guid.CreateVersion7());
        Add(ecg: Guid.CreateVersion7());
        Add(action: AccessActions.ReadSignal);
        Add(outcome: AccessOutcomes.Conflict);

        Assert.Equal(Enumerable.Repeat(1, 7), Counts());
    }

    [Fact]
    public void Many_unknown_ids_of_a_caller_take_the_memory_of_one_row()
    {
        for (var tries = 0; tries < 10 * Buffer; tries++)
        {
            Add(ecg: null, outcome: AccessOutcomes.NotFound);
        }

        Assert.Equal([10 * Buffer], Counts());
        Assert.False(IsFull());
    }

    [Fact]
    public void Sixteen_ids_without_an_accessible_ecg_are_looked_up_and_those_of_ecgs_get_a_row()
    {
        var ids = Enumerable.Range(0, 20).Select(_ => Guid.CreateVersion7()).ToList();
        foreach (var id in ids.Concat(ids))
        {
            Add(ecg: null, outcome: AccessOutcomes.NotFound, probed: id);
        }

        Assert.Equal(ids[..10], log.Probes(limit: 10).Select(probe => probe.Id));
        log.Resolve(log.Probes(limit: 10), new Dictionary<Guid, string>());
        var rest = log.Probes(limit: 10);
        Assert.Equal(ids[10..16], rest.Select(probe => probe.Id));
        log.Resolve(rest, new Dictionary<Guid, string> { [ids[12]] = "owner" });

        Assert.Empty(log.Probes(limit: 10));
        var rows = log.Unstored();
        Assert.Equal([40, 1], rows.Select(row => row.Count));
        var found = rows[1].Row.Access;
        Assert.Equal((ids[12], "owner", AccessOutcomes.NotOwner, "caller"), (found.EcgId, found.OwnerId, found.Outcome, found.Subject));
        Assert.Null(rows[0].Row.Access.EcgId);
    }

    [Fact]
    public void Buffer_is_full_until_rows_are_stored()
    {
        for (var row = 0; row < Buffer; row++)
        {
            Assert.False(IsFull());
            Add(subject: $"{row}");
        }

        Assert.True(IsFull());
        log.MarkUncertain(log.Unstored());
        Assert.True(IsFull());
        Assert.Equal(Buffer, log.Unstored().Count);

        // The buffer is more than half full, so stored rows are removed before their windows end.
        log.Confirm(log.Unstored());
        Assert.Equal((false, 0), (IsFull(), log.Held));
    }

    [Fact]
    public void One_caller_can_fill_only_a_quarter_of_the_buffer()
    {
        for (var row = 0; row < Buffer / 4; row++)
        {
            Assert.False(IsFull("greedy"));
            Add(ecg: Guid.CreateVersion7(), subject: "greedy");
        }

        Assert.True(IsFull("greedy"));
        Assert.False(IsFull("another"));
        Assert.False(log.IsFull("greedy", "through another client"));

        log.Confirm(log.Unstored());
        // Stored rows are removed until half of the share is free.
        Assert.Equal((false, Buffer / 8), (IsFull("greedy"), log.Held));
    }

    [Fact]
    public void Only_a_row_that_was_never_stored_is_uncertain_after_a_failure()
    {
        Add();
        log.Confirm(log.Unstored());
        Add();
        Add(subject: "another");

        log.MarkUncertain(log.Unstored());

        Assert.Equal([false, true], log.Unstored().Select(row => row.Row.IsUncertain));
        log.Confirm(log.Unstored());
        Add(subject: "another");
        Assert.False(Assert.Single(log.Unstored()).Row.IsUncertain);
    }

    [Fact]
    public async Task Concurrent_accesses_are_all_counted()
    {
        const int callers = 8;
        const int each = 500;
        var stored = new Dictionary<Guid, int>();
        var adding = Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < each; i++)
            {
                Add(subject: $"{i % 40}");
            }
        })));
        while (!adding.IsCompleted)
        {
            Store();
        }

        await adding;
        Store();
        Assert.Equal(callers * each, stored.Values.Sum());

        void Store()
        {
            var rows = log.Unstored();
            foreach (var (row, count) in rows)
            {
                stored[row.Access.Id] = count;
            }

            log.Confirm(rows);
        }
    }

    [Theory]
    [InlineData(200, "allowed")]
    [InlineData(304, "allowed")]
    [InlineData(400, "rejected")]
    [InlineData(403, "forbidden")]
    [InlineData(404, "not_found")]
    [InlineData(406, "rejected")]
    [InlineData(409, "conflict")]
    [InlineData(429, "too_many")]
    [InlineData(503, "failed")]
    public void HTTP_status_has_an_outcome(int status, string outcome) => Assert.Equal(outcome, AccessOutcomes.FromStatus(status));

    private bool IsFull(string subject = "caller") => log.IsFull(subject, "client");

    private IEnumerable<int> Counts() => log.Unstored().Select(row => row.Count);

    private void Add(string subject = "caller", string client = "client", Guid? session = null, string action = AccessActions.Read,
        string outcome = AccessOutcomes.Allowed) =>
        Add(Ecg, subject, client, session, action, outcome);

    private void Add(
        Guid? ecg, string subject = "caller", string client = "client", Guid? session = null, string action = AccessActions.Read,
        string outcome = AccessOutcomes.Allowed, Guid? probed = null) => log.Add(
        new EcgAccess
        {
            Id = Guid.CreateVersion7(),
            At = clock.GetUtcNow(),
            Action = action,
            Outcome = outcome,
            Subject = subject,
            ClientId = client,
            SessionId = session,
            EcgId = ecg,
        },
        probed);
}
