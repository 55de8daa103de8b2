using System.Buffers;
using System.IO.Pipelines;

namespace Idoven.Shared.Web.Bodies;

/// <summary>Represents the body of a request, and counts the bytes that arrive.</summary>
/// <param name="body">The body as it arrives.</param>
public abstract class CountedBody(PipeReader body) : PipeReader
{
    private ReadOnlySequence<byte> buffer;
    private long kept;

    /// <summary>Gets how many bytes have arrived.</summary>
    public long Arrived { get; private set; }

    /// <summary>Gets the body as it arrives. What is read from it directly is not counted.</summary>
    protected PipeReader Body => body;

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        var hasRead = body.TryRead(out result);
        if (hasRead)
        {
            Count(result);
        }

        return hasRead;
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        kept = buffer.Slice(consumed).Length;
        buffer = default;
        body.AdvanceTo(consumed, examined);
    }

    /// <inheritdoc/>
    public override void CancelPendingRead() => body.CancelPendingRead();

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => body.Complete(exception);

    /// <summary>Counts what a read of <see cref="Body"/> returned. All reads except <see cref="TryRead"/> must call it.</summary>
    /// <returns>The result itself.</returns>
    protected virtual ReadResult Count(ReadResult result)
    {
        buffer = result.Buffer;
        Arrived += buffer.Length - kept;
        kept = buffer.Length;
        return result;
    }
}
