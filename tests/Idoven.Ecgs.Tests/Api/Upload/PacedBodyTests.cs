using System.IO.Pipelines;
using Idoven.Ecgs.Api.Upload;
using Microsoft.Extensions.Time.Testing;

namespace Idoven.Ecgs.Tests.Api.Upload;

/// <summary>Tests the minimum rate of a body with a fake clock.</summary>
public sealed class PacedBodyTests
{
    private const int MinBytes = PacedBody.MinBytesPerSecond * 30;
    private readonly FakeTimeProvider clock = new();
    private readonly Pipe pipe = new(new PipeOptions(pauseWriterThreshold: 0));
    private readonly PacedBody body;

    public PacedBodyTests() => body = new PacedBody(pipe.Reader, clock);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Body_that_stops_for_30_seconds_ends_the_upload_and_leaves_the_reader_usable()
    {
        await Arrive(100);
        await ReadAll(100);
        var read = body.ReadAsync(Ct).AsTask();
        clock.Advance(PacedBody.Window - TimeSpan.FromTicks(1));
        Assert.False(read.IsCompleted);
        clock.Advance(TimeSpan.FromTicks(1));
        await Assert.ThrowsAsync<BodyTooSlowException>(() => read);

        await Arrive(1);
        Assert.True(pipe.Reader.TryRead(out var rest));
        Assert.Equal(1, rest.Buffer.Length);
    }

    [Theory, InlineData(MinBytes, true), InlineData(MinBytes - 1, false)]
    public async Task Body_needs_10_kB_per_second_on_average_over_each_30_seconds(int bytes, bool isFastEnough)
    {
        for (var window = 0; window < 3; window++)
        {
            await Arrive(bytes);
            await ReadAll(bytes);
            var read = body.ReadAsync(Ct).AsTask();
            clock.Advance(PacedBody.Window);
            if (!isFastEnough)
            {
                await Assert.ThrowsAsync<BodyTooSlowException>(() => read);
                return;
            }

            await Arrive(1);
            body.AdvanceTo((await read).Buffer.End);
        }
    }

    [Fact]
    public async Task Bytes_of_an_earlier_window_do_not_make_up_for_a_slow_one()
    {
        await Arrive(100 * MinBytes);
        await ReadAll(100 * MinBytes);
        var read = body.ReadAsync(Ct).AsTask();
        clock.Advance(PacedBody.Window);
        Assert.False(read.IsCompleted);
        clock.Advance(PacedBody.Window);
        await Assert.ThrowsAsync<BodyTooSlowException>(() => read);
    }

    [Fact]
    public async Task Only_the_time_of_waiting_for_the_client_is_measured()
    {
        for (var i = 0; i < 10; i++)
        {
            await Arrive(1);
            clock.Advance(PacedBody.Window);
            await ReadAll(1);
        }
    }

    [Fact]
    public async Task Many_short_waits_are_added_up()
    {
        for (var second = 0; second < 29; second++)
        {
            var read = body.ReadAsync(Ct).AsTask();
            clock.Advance(TimeSpan.FromSeconds(1));
            Assert.False(read.IsCompleted, $"second {second}");
            await Arrive(1);
            body.AdvanceTo((await read).Buffer.End);
        }

        var last = body.ReadAsync(Ct).AsTask();
        clock.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<BodyTooSlowException>(() => last);
    }

    [Fact]
    public async Task Bytes_left_in_the_buffer_are_counted_once()
    {
        await Arrive(MinBytes - 1);
        for (var i = 0; i < 5; i++)
        {
            var kept = await body.ReadAsync(Ct);
            body.AdvanceTo(kept.Buffer.Start);
        }

        var all = await body.ReadAsync(Ct);
        body.AdvanceTo(all.Buffer.Start, all.Buffer.End);
        var read = body.ReadAsync(Ct).AsTask();
        clock.Advance(PacedBody.Window);
        await Assert.ThrowsAsync<BodyTooSlowException>(() => read);
    }

    [Theory, InlineData("gzip"), InlineData("br"), InlineData("zstd")]
    public async Task Compressed_body_is_counted_as_it_arrives(string coding)
    {
        var unpacked = ContentCoding.Decompress(coding, body)!;
        var read = unpacked.ReadAsync(Ct).AsTask();
        clock.Advance(PacedBody.Window);
        await Assert.ThrowsAsync<BodyTooSlowException>(() => read);
    }

    private async Task Arrive(int bytes)
    {
        pipe.Writer.GetMemory(bytes);
        pipe.Writer.Advance(bytes);
        await pipe.Writer.FlushAsync(Ct);
    }

    private async Task ReadAll(long bytes)
    {
        while (bytes > 0)
        {
            var read = await body.ReadAsync(Ct);
            bytes -= read.Buffer.Length;
            body.AdvanceTo(read.Buffer.End);
        }
    }
}
