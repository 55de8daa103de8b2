using Idoven.Shared.Messaging.Consumers;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

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
        Assert.False(gate.StopsDeliveries);
        Assert.True(gate.WaitUntilOpen(TestContext.Current.CancellationToken).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Deliveries_wait_at_a_closed_gate_until_it_opens()
    {
        gate.Close(new InvalidOperationException());
        var waiting = Enumerable.Range(0, 10).Select(_ => gate.WaitUntilOpen(TestContext.Current.CancellationToken)).ToList();
        clock.Advance(TimeSpan.FromDays(2));
        Assert.All(waiting, wait => Assert.False(wait.IsCompleted));

        gate.Open();
        await Task.WhenAll(waiting);
        Assert.Equal((true, false), (gate.IsOpen, gate.StopsDeliveries));
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
        clock.Advance(TimeSpan.FromSeconds(5) - TimeSpan.FromTicks(1));
        gate.Close(new InvalidOperationException("second"));
        Assert.False(gate.StopsDeliveries);
        clock.Advance(TimeSpan.FromTicks(1));
        Assert.True(gate.StopsDeliveries);
        Assert.Equal("The database of ecgs accepts no writes: its messages wait. first", Assert.Single(log));
    }

    [Fact]
    public void After_a_timeout_deliveries_return_immediately_and_a_write_opens_the_gate_only_after_five_seconds()
    {
        gate.Close(new NpgsqlException("Exception while reading from stream", new TimeoutException()));
        Assert.True(gate.StopsDeliveries);

        clock.Advance(TimeSpan.FromSeconds(5) - TimeSpan.FromTicks(1));
        gate.Open();
        Assert.False(gate.IsOpen);
        clock.Advance(TimeSpan.FromTicks(1));
        gate.Open();
        Assert.True(gate.IsOpen);

        gate.Close(new InvalidOperationException("refused"));
        Assert.False(gate.StopsDeliveries);
        gate.Open();
        Assert.True(gate.IsOpen);
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
