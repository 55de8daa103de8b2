using Idoven.Identity.Application;
using Idoven.Identity.Infrastructure.Accounts;

namespace Idoven.Identity.Tests.Infrastructure.Accounts;

public sealed class HashingGateTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly HashingGate gate = new(atATime: 2, maxWaiting: 3);
    private readonly SemaphoreSlim begun = new(0);
    private readonly ManualResetEventSlim mayEnd = new();
    private int running;
    private int mostRunning;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task So_many_hashes_run_at_a_time_so_many_wait_and_the_rest_is_refused()
    {
        var hashes = new List<Task<int>> { gate.Run(Hash, Cancelled), gate.Run(Hash, Cancelled) };
        Assert.True(await begun.WaitAsync(Deadline, Cancelled) && await begun.WaitAsync(Deadline, Cancelled));

        hashes.AddRange([gate.Run(Hash, Cancelled), gate.Run(Hash, Cancelled), gate.Run(Hash, Cancelled)]);
        await Assert.ThrowsAsync<TooManySignInsException>(() => gate.Run(Hash, Cancelled));
        Assert.Equal(0, begun.CurrentCount);

        mayEnd.Set();
        Assert.All(await Task.WhenAll(hashes).WaitAsync(Deadline, Cancelled), result => Assert.Equal(42, result));
        Assert.Equal(2, mostRunning);
        Assert.Equal(42, await gate.Run(Hash, Cancelled));
    }

    [Fact]
    public async Task Who_gives_up_waiting_makes_room()
    {
        Task<int>[] hashes = [gate.Run(Hash, Cancelled), gate.Run(Hash, Cancelled)];
        using var leaving = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, 3).Select(_ => gate.Run(Hash, leaving.Token)).ToList();
        await Assert.ThrowsAsync<TooManySignInsException>(() => gate.Run(Hash, Cancelled));

        await leaving.CancelAsync();
        foreach (var left in waiting)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        }

        var next = gate.Run(Hash, Cancelled);
        mayEnd.Set();
        Assert.Equal(42, await next.WaitAsync(Deadline, Cancelled));
        await Task.WhenAll(hashes);
    }

    [Fact]
    public async Task A_hash_that_fails_leaves_its_place()
    {
        for (var i = 0; i < 5; i++)
        {
            await Assert.ThrowsAsync<InvalidDataException>(() => gate.Run<int>(() => throw new InvalidDataException(), Cancelled));
        }

        mayEnd.Set();
        Assert.Equal(42, await gate.Run(Hash, Cancelled).WaitAsync(Deadline, Cancelled));
    }

    public void Dispose()
    {
        mayEnd.Set();
        gate.Dispose();
        begun.Dispose();
        mayEnd.Dispose();
    }

    private int Hash()
    {
        var now = Interlocked.Increment(ref running);
        InterlockedMax(ref mostRunning, now);
        begun.Release();
        var ended = mayEnd.Wait(Deadline);
        Interlocked.Decrement(ref running);
        return ended ? 42 : 0;
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var known = Volatile.Read(ref most); known < value;)
        {
            known = Interlocked.CompareExchange(ref most, value, known);
        }
    }
}
