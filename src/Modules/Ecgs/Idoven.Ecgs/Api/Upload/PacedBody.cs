using System.IO.Pipelines;
using Idoven.Shared.Web.Bodies;

namespace Idoven.Ecgs.Api.Upload;

/// <summary>
/// Reads a body and ends an upload whose client sends less than <see cref="MinBytesPerSecond"/> over <see cref="Window"/>. Only the time
/// in which the host waits for the client is counted, not the time that it takes to parse. The server's own minimum is an average since
/// the beginning, so that a client that was fast at first could send nothing for hours.
/// </summary>
/// <param name="body">The body as it arrives, before it is decompressed.</param>
internal sealed class PacedBody(PipeReader body, TimeProvider clock) : CountedBody(body)
{
    public const int MinBytesPerSecond = 10_000;
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(30);
    private static readonly long MinBytes = MinBytesPerSecond * (long)Window.TotalSeconds;

    private TimeSpan waited;
    private long arrivedBefore;

    /// <exception cref="BodyTooSlowException">The client sends too slowly.</exception>
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var read = Body.ReadAsync(cancellationToken);
        return Count(read.IsCompleted ? await read : await Wait(read.AsTask(), cancellationToken));
    }

    private async Task<ReadResult> Wait(Task<ReadResult> read, CancellationToken ct)
    {
        while (true)
        {
            var start = clock.GetTimestamp();
            try
            {
                var result = await read.WaitAsync(waited < Window ? Window - waited : TimeSpan.Zero, clock, ct);
                waited += clock.GetElapsedTime(start);
                return result;
            }
            catch (TimeoutException) when (!read.IsCompleted)
            {
                if (Arrived - arrivedBefore < MinBytes)
                {
                    // The pending read is cancelled, so that the server can end the request.
                    Body.CancelPendingRead();
                    Body.AdvanceTo((await read).Buffer.Start);
                    throw new BodyTooSlowException();
                }

                (waited, arrivedBefore) = (TimeSpan.Zero, Arrived);
            }
        }
    }
}

/// <summary>The client sends its body too slowly. The response is 408.</summary>
internal sealed class BodyTooSlowException : Exception;
