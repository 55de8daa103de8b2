using Idoven.Shared.Messaging;
using Microsoft.Extensions.Time.Testing;

namespace Idoven.Shared.Tests.Messaging;

public sealed class ConsumerGateTests
{
    private readonly FakeTimeProvider clock = new();
    private readonly List<string> log = [];
    private readonly ConsumerGate gate;

    public ConsumerGateTests() => gate = new ConsumerGate("ecgs", clock, new Lines(log));

    [Fact]
    public void A_new_gate_is_open()
    {
        Assert.True(gate.IsOpen);
        Assert.Equal(TimeSpan.Zero, gate.ClosedFor);
        Assert.True(gate.WaitUntilOpen(TestContext.Current.CancellationToken).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Deliveries_wait_at_a_closed_gate_until_it_opens()
    {
        gate.Close(new InvalidOperationException());
        var waiting = Enumerable.Range(0, 10).Select(_ => gate.WaitUntilOpen(TestContext.Current.CancellationToken)).ToList();
        clock.Advance(TimeSpan.FromDays(2));
        Assert.All(waiting, wait => Assert.False(wait.IsCompleted));
        Assert.Equal(TimeSpan.FromDays(2), gate.ClosedFor);

        gate.Open();
        await Task.WhenAll(waiting);
        Assert.Equal((true, TimeSpan.Zero), (gate.IsOpen, gate.ClosedFor));
    }

    [Fact]
    public async Task A_delivery_at_a_closed_gate_ends_when_its_bus_is_stopped()
    {
        using var stopping = new CancellationTokenSource();
        gate.Close(new InvalidOperationException());
        var waiting = gate.WaitUntilOpen(stopping.Token);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.False(gate.IsOpen);
    }

    [Fact]
    public void Failures_of_many_deliveries_close_the_gate_once()
    {
        gate.Close(new InvalidOperationException("first"));
        clock.Advance(TimeSpan.FromSeconds(7));
        gate.Close(new InvalidOperationException("second"));
        Assert.Equal(TimeSpan.FromSeconds(7), gate.ClosedFor);
        Assert.Equal("The database of ecgs accepts no writes: its messages wait. first", Assert.Single(log));
    }

    [Fact]
    public void A_gate_that_closes_every_second_is_logged_once_a_minute()
    {
        for (var second = 0; second <= 120; second++)
        {
            gate.Close(new InvalidOperationException("disk full"));
            gate.Open();
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(3, log.Count);
    }
}
