using Idoven.Shared.Data.Limits;

namespace Idoven.Shared.Tests.Limits;

public sealed class CallerTurnsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, InlineData(1), InlineData(2), InlineData(5)]
    public async Task Callers_take_turns_and_one_callers_operations_keep_their_order(int limit)
    {
        var turns = new CallerTurns(limit);
        var running = new Queue<IDisposable>();
        for (var i = 0; i < limit; i++)
        {
            running.Enqueue(await turns.Enter("first", Ct));
        }

        var admitted = new List<string>();
        var waiting = new Dictionary<string, Task<IDisposable>>();
        foreach (var (caller, number) in new[] { ("a", 4), ("b", 1), ("c", 2) })
        {
            for (var i = 0; i < number; i++)
            {
                waiting[$"{caller}{i}"] = turns.Enter(caller, Ct);
            }
        }

        while (waiting.Count > 0)
        {
            running.Dequeue().Dispose();
            var next = await Task.WhenAny(waiting.Values);
            var name = waiting.Single(task => task.Value == next).Key;
            admitted.Add(name);
            waiting.Remove(name);
            running.Enqueue(await next);
        }

        Assert.Equal(["a0", "b0", "c0", "a1", "c1", "a2", "a3"], admitted);
    }

    [Fact]
    public async Task An_operation_that_is_cancelled_while_it_waits_takes_no_turn()
    {
        var turns = new CallerTurns(1);
        var running = await turns.Enter("a", Ct);
        using var client = new CancellationTokenSource();
        var cancelled = turns.Enter("b", client.Token);
        var next = turns.Enter("c", Ct);
        await client.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);

        running.Dispose();

        (await next).Dispose();
        (await turns.Enter("b", Ct)).Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => turns.Enter("b", client.Token));
    }

    [Fact]
    public async Task Ending_a_turn_twice_frees_one_turn()
    {
        var turns = new CallerTurns(1);
        var turn = await turns.Enter("a", Ct);
        turn.Dispose();
        turn.Dispose();

        using var another = await turns.Enter("a", Ct);
        Assert.False(turns.Enter("a", Ct).IsCompleted);
    }

    [Fact]
    public async Task With_many_callers_and_cancellations_the_limit_holds_and_no_operation_waits_forever()
    {
        const int limit = 3;
        var turns = new CallerTurns(limit);
        var (running, most, done) = (0, 0, 0);
        await Task.WhenAll(Enumerable.Range(0, 2000).Select(async i =>
        {
            await Task.Yield();
            using var client = new CancellationTokenSource();
            var entering = turns.Enter($"{i % 17}", client.Token);
            if (i % 5 == 0)
            {
                await client.CancelAsync();
            }

            try
            {
                using var turn = await entering;
                InterlockedMax(ref most, Interlocked.Increment(ref running));
                await Task.Yield();
                Interlocked.Decrement(ref running);
            }
            catch (OperationCanceledException) when (i % 5 == 0)
            {
            }

            Interlocked.Increment(ref done);
        }));

        Assert.Equal(2000, done);
        Assert.InRange(most, 1, limit);
        for (var i = 0; i < limit; i++)
        {
            Assert.True(turns.Enter("last", Ct).IsCompletedSuccessfully);
        }
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen;)
        {
            var before = Interlocked.CompareExchange(ref most, value, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }
}
