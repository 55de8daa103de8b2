using Idoven.Ecgs.Application.Processing;

namespace Idoven.Ecgs.Tests.Application.Processing;

public sealed class AnalysisGateTests
{
    private readonly AnalysisGate gate = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Analysis_that_runs_alone_waits_for_all_running_ones()
    {
        var first = await gate.Enter(Ct);
        var second = await gate.Enter(Ct);
        var alone = gate.EnterAlone(Ct);

        first.Dispose();
        first.Dispose();
        Assert.False(alone.IsCompleted);
        second.Dispose();
        await alone;
    }

    [Fact]
    public async Task No_analysis_runs_during_one_that_runs_alone()
    {
        var alone = await gate.EnterAlone(Ct);
        Task<IDisposable> next = gate.Enter(Ct), another = gate.Enter(Ct), second = gate.EnterAlone(Ct);
        Assert.False(next.IsCompleted || another.IsCompleted || second.IsCompleted);

        alone.Dispose();
        (await next).Dispose();
        Assert.False(second.IsCompleted);
        (await another).Dispose();
        await second;
    }

    [Fact]
    public async Task Analyses_enter_in_the_order_of_arrival()
    {
        var running = await gate.Enter(Ct);
        var alone = gate.EnterAlone(Ct);
        var later = gate.Enter(Ct);
        var secondAlone = gate.EnterAlone(Ct);
        Assert.False(later.IsCompleted);

        running.Dispose();
        var first = await alone;
        Assert.False(later.IsCompleted);
        first.Dispose();
        (await later).Dispose();
        await secondAlone;
    }

    [Fact]
    public async Task Cancelled_waiter_lets_the_next_ones_enter()
    {
        using var source = new CancellationTokenSource();
        using var running = await gate.Enter(Ct);
        var alone = gate.EnterAlone(source.Token);
        var later = gate.Enter(Ct);

        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => alone);
        await later;
    }
}
