using Idoven.Shared.Messaging.Transport;
using Microsoft.Extensions.Time.Testing;

namespace Idoven.Shared.Tests.Messaging;

public sealed class BrokerCallTests
{
    private readonly FakeTimeProvider clock = new();

    [Fact]
    public async Task A_call_without_a_response_ends_after_the_limit_even_if_it_ignores_its_cancellation()
    {
        var never = new TaskCompletionSource<int>();
        var token = CancellationToken.None;
        var call = BrokerCall.Run(
            ct =>
            {
                token = ct;
                return never.Task;
            },
            clock,
            TestContext.Current.CancellationToken);

        clock.Advance(BrokerCall.Limit - TimeSpan.FromMilliseconds(1));
        Assert.False(call.IsCompleted);
        Assert.False(token.IsCancellationRequested);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        await Assert.ThrowsAsync<TimeoutException>(() => call);
        Assert.True(token.IsCancellationRequested);
    }

    [Fact]
    public async Task A_call_ends_when_the_host_stops()
    {
        using var stopping = new CancellationTokenSource();
        var call = BrokerCall.Run(_ => new TaskCompletionSource<int>().Task, clock, stopping.Token);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task A_call_returns_the_response() =>
        Assert.Equal(7, await BrokerCall.Run(_ => Task.FromResult(7), clock, TestContext.Current.CancellationToken));
}
