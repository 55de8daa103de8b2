using Idoven.Ecgs.Application;
using Idoven.Ecgs.Application.Processing;
using Idoven.Ecgs.Contracts;
using Idoven.Ecgs.Domain;
using Microsoft.Extensions.Time.Testing;

namespace Idoven.Ecgs.Tests.Application.Processing;

public sealed class RecordEcgFailureTests
{
    [Fact]
    public async Task Failed_analysis_is_tried_again_four_times_before_the_failure_event()
    {
        var store = new OneEcg();
        foreach (var wait in new EcgsOptions().Waits)
        {
            await Record(store, new TimeoutException("content of the ECG"));
            Assert.Equal((EcgStatus.Queued, OneEcg.Now + wait), (store.Ecg.Status, store.Ecg.NextAttemptAt));
        }

        Assert.Empty(store.Saved);
        await Record(store, new TimeoutException("content of the ECG"));
        Assert.Equal([new EcgFailed(store.Ecg.Id, "owner", store.Ecg.Date, OneEcg.Now, "analysis-failed")], store.Saved);
        Assert.Equal((EcgStatus.Failed, 5, 5), (store.Ecg.Status, store.Ecg.Attempts, store.Saves));
    }

    [Fact]
    public async Task Signal_that_cannot_be_decoded_fails_the_ecg_at_once()
    {
        var store = new OneEcg();
        await Record(store, new InvalidDataException());
        Assert.Equal([new EcgFailed(store.Ecg.Id, "owner", store.Ecg.Date, OneEcg.Now, "signal-unreadable")], store.Saved);
    }

    [Fact]
    public async Task Failure_of_a_processed_ecg_changes_nothing()
    {
        var processed = new OneEcg();
        processed.Ecg.MarkProcessed(OneEcg.Now);
        await Record(processed, new InvalidDataException());
        Assert.Equal((EcgStatus.Processed, 0), (processed.Ecg.Status, processed.Saves));

        var gone = new OneEcg { IsGoneWhenLocked = true };
        await Record(gone, new InvalidDataException());
        Assert.Equal(0, gone.Saves);
    }

    private static Task Record(OneEcg store, Exception exception) =>
        new RecordEcgFailureHandler(store, store, new EcgsOptions(), OneEcg.Metrics, new FakeTimeProvider(OneEcg.Now))
            .Handle(store.Ecg.Id, exception, TestContext.Current.CancellationToken);
}
