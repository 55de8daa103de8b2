using System.Buffers;
using System.IO.Pipelines;

namespace Idoven.Ecgs.Tests.Api.Upload;

/// <summary>Creates readers that deliver the same bytes in different ways.</summary>
internal static class Arrival
{
    /// <summary>Creates a reader that delivers all bytes at once, in one segment.</summary>
    public static PipeReader Whole(byte[] body) => new Watched(PipeReader.Create(new ReadOnlySequence<byte>(body)));

    /// <summary>
    /// Creates a reader that delivers all bytes at once, in segments of these lengths and an empty one, like a pipe whose last read got
    /// nothing.
    /// </summary>
    public static PipeReader InSegments(byte[] body, Func<int> length)
    {
        Segment first = new(default, null), last = first;
        for (var from = 0; from < body.Length;)
        {
            var to = Math.Min(from + length(), body.Length);
            last = new Segment(body.AsMemory(from..to), last);
            from = to;
        }

        return new Watched(PipeReader.Create(new ReadOnlySequence<byte>(first, 0, new Segment(default, last), 0)));
    }

    /// <summary>Creates a reader that delivers the bytes in several reads.</summary>
    public static PipeReader InReads(byte[] body, Func<int> length, int bufferSize = 1) =>
        new Watched(PipeReader.Create(new Trickle(body, length), new StreamPipeReaderOptions(bufferSize: bufferSize, minimumReadSize: 1)));

    /// <summary>
    /// Checks that each read is completed, also an empty one, because the server's reader closes the connection otherwise.
    /// </summary>
    internal sealed class Watched(PipeReader inner) : PipeReader
    {
        private bool isEmpty;

        public bool IsReading { get; private set; }

        public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            Assert.False(IsReading, "A read has not ended.");
            var read = await inner.ReadAsync(cancellationToken);
            (IsReading, isEmpty) = (true, read.Buffer.IsEmpty);
            return read;
        }

        public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
            Assert.True(IsReading, "No read was begun.");
            IsReading = false;
            if (!isEmpty)
            {
                inner.AdvanceTo(consumed, examined); // A reader of a sequence does not accept a position of an empty one.
            }
        }

        public override bool TryRead(out ReadResult result) => throw new NotSupportedException();

        public override void CancelPendingRead() => throw new NotSupportedException();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? previous)
        {
            Memory = memory;
            if (previous is not null)
            {
                RunningIndex = previous.RunningIndex + previous.Memory.Length;
                previous.Next = this;
            }
        }
    }

    private sealed class Trickle(byte[] body, Func<int> length) : MemoryStream(body)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, length())], cancellationToken);
    }
}
