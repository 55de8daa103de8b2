using System.Diagnostics;
using Idoven.Identity.SignIn;

namespace Idoven.Identity.Tests.SignIn;

public sealed class HashingGateTests : IDisposable
{
    private const string Caller = "192.0.2.1";
    private readonly HashingGate gate = new(maxConcurrent: 2, maxWaiting: 3, share: 3, pauseFactor: 19);
    private readonly SemaphoreSlim started = new(0);
    private readonly ManualResetEventSlim mayEnd = new();
    private readonly CancellationTokenSource deadline = new(TimeSpan.FromSeconds(20));
    private int running;
    private int maxRunning;

    [Fact]
    public async Task Concurrency_and_queue_length_are_limited_and_further_hashes_are_rejected()
    {
        var hashes = new List<Task<int>> { Run(), Run() };
        await started.WaitAsync(deadline.Token);
        await started.WaitAsync(deadline.Token);

        hashes.AddRange([Run(), Run(), Run()]);
        await Assert.ThrowsAsync<TooManySignInsException>(Run);
        Assert.Equal(0, started.CurrentCount);

        mayEnd.Set();
        Assert.All(await Task.WhenAll(hashes), result => Assert.Equal(42, result));
        Assert.Equal(2, maxRunning);
        Assert.Equal(42, await Run());
    }

    [Fact]
    public async Task A_cancelled_hash_leaves_the_queue()
    {
        Task<int>[] hashes = [Run(), Run()];
        using var cancellation = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, 3)
            .Select(_ => gate.Run(Hash, HashingPriority.UnknownDevice, Caller, cancellation.Token))
            .ToList();
        await Assert.ThrowsAsync<TooManySignInsException>(Run);

        await cancellation.CancelAsync();
        foreach (var cancelled in waiting)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        }

        var next = Run();
        mayEnd.Set();
        Assert.Equal(42, await next);
        await Task.WhenAll(hashes);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task One_caller_cannot_take_the_share_of_others_in_a_queue(bool isKnownDevice)
    {
        using var one = new HashingGate(maxConcurrent: 1, maxWaiting: 8, share: 2, pauseFactor: 0);
        List<Task<int>> hashes = [Run("a")];
        await started.WaitAsync(deadline.Token);

        // Six of eight wait: more than the share of two, as long as a quarter is free.
        hashes.AddRange(Enumerable.Range(0, 6).Select(_ => Run("a")));
        await Assert.ThrowsAsync<TooManySignInsException>(() => Run("a"));
        hashes.AddRange([Run("b"), Run("b")]);
        await Assert.ThrowsAsync<TooManySignInsException>(() => Run("c"));

        mayEnd.Set();
        Assert.All(await Task.WhenAll(hashes), result => Assert.Equal(42, result));
        Assert.Equal(42, await Run("c"));

        Task<int> Run(string caller) =>
            one.Run(Hash, isKnownDevice ? HashingPriority.KnownDevice : HashingPriority.UnknownDevice, caller, deadline.Token);
    }

    [Fact]
    public async Task A_long_queue_pauses_between_two_hashes()
    {
        using var one = new HashingGate(maxConcurrent: 1, maxWaiting: 20, share: 20, pauseFactor: 9);
        var duration = TimeSpan.FromMilliseconds(60);
        var times = new List<long>();
        int Slow()
        {
            times.Add(Stopwatch.GetTimestamp());
            mayEnd.Wait(deadline.Token);
            Thread.Sleep(duration);
            return 42;
        }

        var hashes = Enumerable.Range(0, 10).Select(_ => one.Run(Slow, HashingPriority.UnknownDevice, Caller, deadline.Token)).ToList();
        mayEnd.Set(); // after all of them are in the queue
        await Task.WhenAll(hashes);

        // Nine wait behind the first one, and fewer behind the last ones.
        Assert.True(Stopwatch.GetElapsedTime(times[0], times[1]) > 9 * duration);
        Assert.True(Stopwatch.GetElapsedTime(times[0], times[^1]) > 18 * duration);
    }

    [Fact]
    public async Task Known_devices_do_not_wait_for_unknown_devices_or_their_pause()
    {
        using var one = new HashingGate(maxConcurrent: 1, maxWaiting: 9, share: 9, pauseFactor: 1_000_000);
        using var mayNextEnd = new SemaphoreSlim(0);
        var unknownDone = 0;
        Task<int> RunUnknown() => one.Run(HashOfUnknown, HashingPriority.UnknownDevice, Caller, deadline.Token);
        int HashOfUnknown()
        {
            mayNextEnd.Wait(deadline.Token);
            return Interlocked.Increment(ref unknownDone);
        }

        var unknown = Enumerable.Range(0, 10).Select(_ => RunUnknown()).ToList();
        await Assert.ThrowsAsync<TooManySignInsException>(RunUnknown);
        var known = Enumerable.Range(0, 9)
            .Select(_ => one.Run(() => Volatile.Read(ref unknownDone), HashingPriority.KnownDevice, Caller, deadline.Token))
            .ToList();
        Assert.DoesNotContain(known, hash => hash.IsCompleted);

        // They wait for the hash in progress. After it, the queue of unknown devices pauses for the maximum time.
        mayNextEnd.Release(10);
        Assert.All(await Task.WhenAll(known), done => Assert.InRange(done, 1, 3));
        await Task.WhenAll(unknown);
    }

    [Theory]
    [InlineData(60, 19, 1140)]
    [InlineData(60, 0, 0)]
    [InlineData(800, 19, 2000)] // a hash that other threads slowed down is not followed by a pause of 15 s
    public void A_pause_is_at_most_two_seconds(int hash, int factor, int pause) =>
        Assert.Equal(TimeSpan.FromMilliseconds(pause), HashingGate.GetPause(TimeSpan.FromMilliseconds(hash), factor));

    [Fact]
    public async Task A_failed_hash_releases_its_slot()
    {
        for (var i = 0; i < 5; i++)
        {
            await Assert.ThrowsAsync<InvalidDataException>(
                () => gate.Run<int>(() => throw new InvalidDataException(), HashingPriority.UnknownDevice, Caller, deadline.Token));
        }

        mayEnd.Set();
        Assert.Equal(42, await Run());
    }

    public void Dispose()
    {
        mayEnd.Set();
        gate.Dispose();
        started.Dispose();
        mayEnd.Dispose();
        deadline.Dispose();
    }

    private Task<int> Run() => gate.Run(Hash, HashingPriority.UnknownDevice, Caller, deadline.Token);

    private int Hash()
    {
        lock (started)
        {
            maxRunning = Math.Max(maxRunning, ++running);
        }

        started.Release();
        mayEnd.Wait(deadline.Token);
        Interlocked.Decrement(ref running);
        return 42;
    }
}
