using Idoven.Identity.SignIn;

namespace Idoven.Identity.Tests.SignIn;

public sealed class HashingGateTests : IDisposable
{
    private readonly HashingGate gate = new(atATime: 2, maxWaiting: 3, restOfHash: 19);
    private readonly SemaphoreSlim begun = new(0);
    private readonly ManualResetEventSlim mayEnd = new();
    private readonly CancellationTokenSource deadline = new(TimeSpan.FromSeconds(20));
    private int running;
    private int mostRunning;

    [Fact]
    public async Task So_many_hashes_run_at_a_time_so_many_wait_and_the_rest_is_refused()
    {
        var hashes = new List<Task<int>> { gate.Run(Hash, HashingPriority.Strangers, deadline.Token), gate.Run(Hash, HashingPriority.Strangers, deadline.Token) };
        await begun.WaitAsync(deadline.Token);
        await begun.WaitAsync(deadline.Token);

        hashes.AddRange([gate.Run(Hash, HashingPriority.Strangers, deadline.Token), gate.Run(Hash, HashingPriority.Strangers, deadline.Token), gate.Run(Hash, HashingPriority.Strangers, deadline.Token)]);
        await Assert.ThrowsAsync<TooManySignInsException>(() => gate.Run(Hash, HashingPriority.Strangers, deadline.Token));
        Assert.Equal(0, begun.CurrentCount);

        mayEnd.Set();
        Assert.All(await Task.WhenAll(hashes), result => Assert.Equal(42, result));
        Assert.Equal(2, mostRunning);
        Assert.Equal(42, await gate.Run(Hash, HashingPriority.Strangers, deadline.Token));
    }

    [Fact]
    public async Task Who_gives_up_waiting_makes_room()
    {
        Task<int>[] hashes = [gate.Run(Hash, HashingPriority.Strangers, deadline.Token), gate.Run(Hash, HashingPriority.Strangers, deadline.Token)];
        using var leaving = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, 3).Select(_ => gate.Run(Hash, HashingPriority.Strangers, leaving.Token)).ToList();
        await Assert.ThrowsAsync<TooManySignInsException>(() => gate.Run(Hash, HashingPriority.Strangers, deadline.Token));

        await leaving.CancelAsync();
        foreach (var left in waiting)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        }

        var next = gate.Run(Hash, HashingPriority.Strangers, deadline.Token);
        mayEnd.Set();
        Assert.Equal(42, await next);
        await Task.WhenAll(hashes);
    }

    [Fact]
    public async Task Where_a_line_has_formed_a_place_rests_between_two_hashes()
    {
        using var one = new HashingGate(atATime: 1, maxWaiting: 20, restOfHash: 9);
        var hash = TimeSpan.FromMilliseconds(60);
        var times = new List<long>();
        int Slow()
        {
            times.Add(System.Diagnostics.Stopwatch.GetTimestamp());
            mayEnd.Wait(deadline.Token);
            Thread.Sleep(hash);
            return 42;
        }

        var hashes = Enumerable.Range(0, 10).Select(_ => one.Run(Slow, HashingPriority.Strangers, deadline.Token)).ToList();
        mayEnd.Set(); // only now that all stand in the line
        await Task.WhenAll(hashes);

        // Nine wait behind the first, and fewer behind the last ones.
        Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(times[0], times[1]) > 9 * hash);
        Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(times[0], times[^1]) > 18 * hash);
    }

    [Fact]
    public async Task Who_is_known_waits_for_no_stranger_and_for_no_rest()
    {
        using var one = new HashingGate(atATime: 1, maxWaiting: 9, restOfHash: 1_000_000);
        using var mayNextEnd = new SemaphoreSlim(0);
        var strangersDone = 0;
        int Strange()
        {
            mayNextEnd.Wait(deadline.Token);
            return Interlocked.Increment(ref strangersDone);
        }

        var strangers = Enumerable.Range(0, 10).Select(_ => one.Run(Strange, HashingPriority.Strangers, deadline.Token)).ToList();
        await Assert.ThrowsAsync<TooManySignInsException>(() => one.Run(Strange, HashingPriority.Strangers, deadline.Token));
        var known = Enumerable.Range(0, 9).Select(_ => one.Run(() => Volatile.Read(ref strangersDone), HashingPriority.Known, deadline.Token)).ToList();
        Assert.DoesNotContain(known, hash => hash.IsCompleted);

        // The one that is being computed is waited for, and however short it was, the strangers' line then rests for as long as it may.
        mayNextEnd.Release(10);
        Assert.All(await Task.WhenAll(known), done => Assert.InRange(done, 1, 3));
        await Task.WhenAll(strangers);
    }

    [Theory]
    [InlineData(60, 19, 1140)]
    [InlineData(60, 0, 0)]
    [InlineData(800, 19, 2000)] // slowed down by others, it is not followed by 15 s of rest
    public void No_rest_is_longer_than_two_seconds(int hash, int times, int rest) =>
        Assert.Equal(TimeSpan.FromMilliseconds(rest), HashingGate.Rest(TimeSpan.FromMilliseconds(hash), times));

    [Fact]
    public async Task A_hash_that_fails_leaves_its_place()
    {
        for (var i = 0; i < 5; i++)
        {
            await Assert.ThrowsAsync<InvalidDataException>(() => gate.Run<int>(() => throw new InvalidDataException(), HashingPriority.Strangers, deadline.Token));
        }

        mayEnd.Set();
        Assert.Equal(42, await gate.Run(Hash, HashingPriority.Strangers, deadline.Token));
    }

    public void Dispose()
    {
        mayEnd.Set();
        gate.Dispose();
        begun.Dispose();
        mayEnd.Dispose();
        deadline.Dispose();
    }

    private int Hash()
    {
        lock (begun)
        {
            mostRunning = Math.Max(mostRunning, ++running);
        }

        begun.Release();
        mayEnd.Wait(deadline.Token);
        Interlocked.Decrement(ref running);
        return 42;
    }
}
