using System.IO.Pipelines;
using Idoven.Ecgs.Api.Upload;
using Microsoft.Extensions.Time.Testing;

namespace Idoven.Ecgs.Tests.Api.Upload;

/// <summary>How slowly a body may arrive, measured by a fake clock.</summary>
public sealed class PacedBodyTests
{
    private const int MinBytes = PacedBody.MinBytesPerSecond * 30;
    private readonly FakeTimeProvider clock = new();
    private readonly Pipe pipe = new(new PipeOptions(pauseWriterThreshold: 0));
    private readonly PacedBody body;

    public PacedBodyTests() => body = new PacedBody(pipe.Reader, clock);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_body_that_does_not_arrive_for_thirty_seconds_ends_the_upload_and_leaves_the_reader_usable()
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
    public async Task A_body_must_bring_ten_kilobytes_a_second_on_average_over_each_thirty_seconds(int bytes, bool isFastEnough)
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
    public async Task What_was_fast_at_first_does_not_count_for_later()
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
    public async Task Only_the_time_counts_in_which_the_client_is_waited_for()
    {
        for (var i = 0; i < 10; i++)
        {
            await Arrive(1);
            clock.Advance(PacedBody.Window);
            await ReadAll(1);
        }
    }

    [Fact]
    public async Task Many_short_waits_count_together()
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
    public async Task Bytes_that_are_left_in_the_buffer_count_once()
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
    public async Task A_packed_body_is_counted_as_it_arrives(string coding)
    {
        var unpacked = ContentCoding.Unpack(coding, body)!;
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
