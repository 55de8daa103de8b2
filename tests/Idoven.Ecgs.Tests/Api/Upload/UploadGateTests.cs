using Idoven.Ecgs.Api.Upload;
using Idoven.Ecgs.Application.Processing;
using Idoven.Shared.Data;
using Microsoft.Extensions.Time.Testing;

namespace Idoven.Ecgs.Tests.Api.Upload;

public sealed class UploadGateTests
{
    private readonly FakeTimeProvider clock = new();
    private readonly Backlog backlog = new();

    [Fact]
    public async Task Upload_that_waits_too_long_is_rejected_and_takes_no_slot()
    {
        var gate = new UploadGate(backlog, clock);
        var stored = await FillSlots(gate);
        var waiting = gate.Store("caller", TestContext.Current.CancellationToken);
        clock.Advance(UploadGate.StoreWithoutProgress - TimeSpan.FromMilliseconds(1));
        Assert.False(waiting.IsCompleted);

        clock.Advance(TimeSpan.FromMilliseconds(1));
        await Assert.ThrowsAsync<UploadsBusyException>(() => waiting);

        stored[0].Dispose();
        (await gate.Store("caller", TestContext.Current.CancellationToken)).Dispose();
    }

    [Fact]
    public async Task An_upload_waits_longer_while_others_are_stored_but_not_while_they_fail()
    {
        var gate = new UploadGate(backlog, clock);
        var storing = await FillSlots(gate);
        var waiting = Enumerable.Range(0, 10).Select(_ => gate.Store("caller", TestContext.Current.CancellationToken)).ToList();
        var step = UploadGate.StoreWithoutProgress - TimeSpan.FromMilliseconds(1);

        clock.Advance(step);
        storing[0].Complete();
        storing[0].Dispose();
        using var second = await waiting[0];
        clock.Advance(step);
        Assert.False(waiting[1].IsCompleted);
        second.Dispose(); // It failed.
        using var third = await waiting[1];
        clock.Advance(TimeSpan.FromMilliseconds(1));

        await Assert.ThrowsAsync<UploadsBusyException>(() => waiting[^1]);
    }

    [Fact]
    public async Task An_upload_waits_two_seconds_at_most()
    {
        var gate = new UploadGate(backlog, clock);
        var storing = await FillSlots(gate);
        var waiting = gate.Store("caller", TestContext.Current.CancellationToken);
        var last = TimeSpan.FromMilliseconds(1);
        for (var waited = TimeSpan.Zero; waited < UploadGate.StoreWithin - last; waited += last)
        {
            storing[0].Complete();
            clock.Advance(last);
        }

        Assert.False(waiting.IsCompleted);
        clock.Advance(last);
        await Assert.ThrowsAsync<UploadsBusyException>(() => waiting);
    }

    [Fact]
    public void An_upload_is_answered_within_five_seconds_if_the_database_does_not_answer() =>
        Assert.InRange(UploadGate.StoreWithoutProgress + TimeSpan.FromSeconds(ModuleDatabaseExtensions.SilentDatabaseSeconds),
            TimeSpan.Zero, TimeSpan.FromSeconds(4.9));

    [Fact]
    public async Task An_upload_that_is_cancelled_while_it_waits_is_not_reported_as_busy()
    {
        var gate = new UploadGate(backlog, clock);
        await FillSlots(gate);
        using var client = new CancellationTokenSource();
        var waiting = gate.Store("caller", client.Token);
        await client.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task While_the_analysis_is_behind_fewer_uploads_are_stored_and_further_ones_are_rejected_at_once()
    {
        var gate = new UploadGate(backlog, clock);
        backlog.IsBehind = true;
        var stored = await FillSlots(gate, UploadGate.StoringWhileBehind);
        Assert.True(UploadGate.StoringWhileBehind < UploadGate.StoringAtOnce);
        Assert.False(gate.IsCrowded);

        var waiting = Enumerable.Range(0, UploadGate.WaitingWhileBehind)
            .Select(_ => gate.Store("caller", TestContext.Current.CancellationToken)).ToList();
        Assert.All(waiting, one => Assert.False(one.IsCompleted));
        Assert.True(gate.IsCrowded);

        stored[0].Dispose();
        (await waiting[0]).Dispose();
        Assert.False(gate.IsCrowded);

        backlog.IsBehind = false;
        Assert.False(gate.IsCrowded);
        await FillSlots(gate, 1);
        clock.Advance(UploadGate.StoreWithoutProgress);
        await Assert.ThrowsAsync<UploadsBusyException>(() => waiting[^1]);
    }

    [Fact]
    public async Task Any_number_of_uploads_may_wait_while_the_analysis_is_not_behind()
    {
        var gate = new UploadGate(backlog, clock);
        await FillSlots(gate);
        var waiting = Enumerable.Range(0, UploadGate.WaitingWhileBehind + 1)
            .Select(_ => gate.Store("caller", TestContext.Current.CancellationToken)).ToList();

        Assert.False(gate.IsCrowded);
        clock.Advance(UploadGate.StoreWithoutProgress);
        await Assert.ThrowsAsync<UploadsBusyException>(() => waiting[^1]);
    }

    [Fact]
    public async Task An_upload_of_another_caller_is_parsed_and_stored_before_the_waiting_ones_of_a_caller_with_many()
    {
        var gate = new UploadGate(backlog, clock);
        var stored = await FillSlots(gate);
        var parsed = new List<IDisposable>();
        for (var i = 0; i < UploadGate.ReadingAtOnce; i++)
        {
            parsed.Add(await gate.Read("many", TestContext.Current.CancellationToken));
        }

        foreach (var (enter, turn) in new (Func<string, Task<IDisposable>>, IDisposable)[]
        {
            (async caller => await gate.Store(caller, TestContext.Current.CancellationToken), stored[0]),
            (caller => gate.Read(caller, TestContext.Current.CancellationToken), parsed[0]),
        })
        {
            var many = Enumerable.Range(0, 40).Select(_ => enter("many")).ToList();
            var other = enter("other");

            turn.Dispose();
            (await many[0]).Dispose();
            (await other).Dispose();
            Assert.All(many.Skip(2), waiting => Assert.False(waiting.IsCompleted));
        }
    }

    private static async Task<List<UploadGate.StoreTurn>> FillSlots(UploadGate gate, int? number = null)
    {
        var slots = new List<UploadGate.StoreTurn>();
        for (var i = 0; i < (number ?? UploadGate.StoringAtOnce); i++)
        {
            slots.Add(await gate.Store("caller", TestContext.Current.CancellationToken));
        }

        return slots;
    }

    private sealed class Backlog : IAnalysisBacklog
    {
        public AnalysisBacklog? Current => null;

        public bool IsBehind { get; set; }

        public int? RetryAfterSeconds() => null;
    }
}
