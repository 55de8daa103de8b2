using System.Buffers;
using System.IO.Pipelines;

namespace Idoven.Ecgs.Tests.Api.Upload;

/// <summary>The ways in which the same bytes may reach the reader.</summary>
internal static class Arrival
{
    /// <summary>All at once, in one piece.</summary>
    public static PipeReader Whole(byte[] body) => PipeReader.Create(new ReadOnlySequence<byte>(body));

    /// <summary>All at once, in pieces of these lengths and an empty one, as a pipe has it that asked for more and got nothing.</summary>
    public static PipeReader InSegments(byte[] body, Func<int> length)
    {
        Segment first = new(default, null), last = first;
        for (var from = 0; from < body.Length;)
        {
            var to = Math.Min(from + length(), body.Length);
            last = new Segment(body.AsMemory(from..to), last);
            from = to;
        }

        return PipeReader.Create(new ReadOnlySequence<byte>(first, 0, new Segment(default, last), 0));
    }

    /// <summary>One piece after the other, each in a read of its own.</summary>
    public static PipeReader InReads(byte[] body, Func<int> length, int bufferSize = 1) =>
        PipeReader.Create(new Trickle(body, length), new StreamPipeReaderOptions(bufferSize: bufferSize, minimumReadSize: 1));

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
