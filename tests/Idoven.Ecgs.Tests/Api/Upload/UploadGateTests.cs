using Idoven.Ecgs.Api.Upload;
using Microsoft.Extensions.Time.Testing;

namespace Idoven.Ecgs.Tests.Api.Upload;

public sealed class UploadGateTests
{
    private readonly FakeTimeProvider clock = new();

    [Fact]
    public async Task An_upload_that_waits_too_long_to_be_stored_is_rejected_and_takes_no_slot()
    {
        using var gate = new UploadGate(clock);
        var stored = await FillSlots(gate);
        var waiting = gate.Store(TestContext.Current.CancellationToken);
        clock.Advance(UploadGate.StoreWithin - TimeSpan.FromMilliseconds(1));
        Assert.False(waiting.IsCompleted);

        clock.Advance(TimeSpan.FromMilliseconds(1));
        await Assert.ThrowsAsync<UploadsBusyException>(() => waiting);

        stored[0].Dispose();
        (await gate.Store(TestContext.Current.CancellationToken)).Dispose();
    }

    [Fact]
    public async Task An_upload_that_is_cancelled_while_it_waits_is_not_reported_as_busy()
    {
        using var gate = new UploadGate(clock);
        await FillSlots(gate);
        using var client = new CancellationTokenSource();
        var waiting = gate.Store(client.Token);
        await client.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    private static async Task<List<IDisposable>> FillSlots(UploadGate gate)
    {
        var slots = new List<IDisposable>();
        for (var i = 0; i < UploadGate.StoringAtOnce; i++)
        {
            slots.Add(await gate.Store(TestContext.Current.CancellationToken));
        }

        return slots;
    }
}
