using Idoven.Ecgs.Analysis.Engine;
using Idoven.Ecgs.Application;
using Idoven.Ecgs.Application.Processing;
using Idoven.Ecgs.Contracts;
using Idoven.Ecgs.Domain;
using Idoven.Shared.Data;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Idoven.Ecgs.Tests.Application.Processing;

public sealed class ProcessRedeliveredEcgTests
{
    private readonly OneEcg store = new();
    private readonly AnalysisGate gate = new();
    private readonly RedeliveredAttempt attempt = new();
    private readonly FakeTimeProvider clock = new(OneEcg.Now);

    [Fact]
    public async Task Attempt_is_saved_before_the_analysis_which_runs_alone()
    {
        Task<IDisposable>? other = null;
        store.OnRead = () =>
        {
            Assert.Equal((1, 1), (store.Ecg.Attempts, store.Saves));
            other = gate.Enter(TestContext.Current.CancellationToken);
            Assert.False(other.IsCompleted);
        };

        await Handle();

        Assert.Equal((EcgStatus.Processed, 2), (store.Ecg.Status, store.Saves));
        (await other!).Dispose();
    }

    [Fact]
    public async Task Ecg_that_ends_the_host_each_time_fails_instead_of_a_fifth_attempt()
    {
        // The first delivery, which is not a redelivery, ended the host, too. Only the count is called, because the host ends before the
        // rest.
        for (var attempts = 1; attempts < 5; attempts++)
        {
            await Record();
            Assert.Equal((EcgStatus.Queued, attempts), (store.Ecg.Status, store.Ecg.Attempts));
        }

        await Handle();

        Assert.Equal((EcgStatus.Failed, 5, "analysis-failed"), (store.Ecg.Status, store.Ecg.Attempts, store.Ecg.FailureReason));
        Assert.Equal(0, store.Reads);
        Assert.Equal([new EcgFailed(store.Ecg.Id, "owner", store.Ecg.Date, OneEcg.Now, "analysis-failed")], store.Saved);
    }

    [Fact]
    public async Task Failed_attempt_is_counted_once_for_all_tries_of_a_delivery()
    {
        var failure = new TimeoutException();
        store.OnRead = () =>
        {
            Assert.Equal(1, store.Ecg.Attempts);
            throw failure;
        };
        for (var tries = 0; tries < 4; tries++)
        {
            await Assert.ThrowsAsync<TimeoutException>(Handle);
            Assert.Equal(0, store.Ecg.Attempts);
        }

        await Failures().Handle(store.Ecg.Id, failure, TestContext.Current.CancellationToken);
        Assert.Equal((EcgStatus.Queued, 1), (store.Ecg.Status, store.Ecg.Attempts));
    }

    [Fact]
    public async Task Cancelled_handling_consumes_no_attempt()
    {
        using var stopping = new CancellationTokenSource();
        store.OnRead = stopping.Cancel;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Handler().Handle(store.Ecg.Id, attempt, stopping.Token));

        Assert.Equal((EcgStatus.Queued, 0, 1), (store.Ecg.Status, store.Ecg.Attempts, store.Reads));
        (await gate.Enter(TestContext.Current.CancellationToken)).Dispose();
    }

    [Fact]
    public async Task Attempt_that_cannot_be_undone_is_not_counted_twice_by_one_delivery()
    {
        store.OnRead = () =>
        {
            store.Failure = new TimeoutException("the database");
            throw new InvalidOperationException();
        };
        await Assert.ThrowsAsync<InvalidOperationException>(Handle);
        Assert.Equal(1, store.Ecg.Attempts);

        (store.Failure, store.OnRead) = (null, () => { });
        await Handle();
        Assert.Equal((EcgStatus.Processed, 1), (store.Ecg.Status, store.Ecg.Attempts));
    }

    [Fact]
    public async Task Processed_ecg_is_not_changed()
    {
        store.Ecg.MarkProcessed(OneEcg.Now);
        await Handle();
        Assert.Equal((0, 0, 0), (store.Saves, store.Reads, store.Ecg.Attempts));
    }

    private Task Handle() => Handler().Handle(store.Ecg.Id, attempt, TestContext.Current.CancellationToken);

    private Task<int?> Record() => Attempts().Handle(store.Ecg.Id, TestContext.Current.CancellationToken);

    private RecordAttemptHandler Attempts() => new(store, store, OneEcg.Metrics, clock);

    private RecordEcgFailureHandler Failures() => new(store, store, new EcgsOptions(), OneEcg.Metrics, clock);

    private ProcessRedeliveredEcgHandler Handler()
    {
        var scopes = new ServiceCollection()
            .AddScoped(_ => Attempts())
            .AddScoped<PoolUse>()
            .BuildServiceProvider().GetRequiredService<IServiceScopeFactory>();
        var processing = new ProcessEcgHandler(
            store, store, new AnalysisEngine(), new AnalysisSlots(), store, new EventsOptions(), OneEcg.Metrics, clock);
        return new ProcessRedeliveredEcgHandler(
            processing, gate, new BackgroundWork(scopes), clock, NullLogger<ProcessRedeliveredEcgHandler>.Instance);
    }
}
