using System.IO.Pipelines;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Bodies;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Idoven.Host.Http;

/// <summary>
/// Represents the body of a request with its largest size. It takes the place of the server's own limit, which closes the connection while
/// the client still sends, so that the client does not receive the response.
/// </summary>
/// <param name="body">The body as it arrives.</param>
/// <param name="announced">The length in bytes that the client announced; null if it announced none.</param>
internal sealed class BoundedBody(PipeReader body, long? announced)
    : CountedBody(body), IHttpMaxRequestBodySizeFeature, IRequestBodyPipeFeature
{
    public bool IsReadOnly { get; private set; }

    /// <summary>Gets or sets the largest size in bytes; null if there is none. It holds for reads that begin afterwards.</summary>
    public long? MaxRequestBodySize { get; set; } = BodyLimits.SmallBodyBytes;

    /// <summary>Gets whether the whole body has arrived.</summary>
    public bool HasEnded { get; private set; }

    PipeReader IRequestBodyPipeFeature.Reader => this;

    /// <exception cref="BadHttpRequestException">The body exceeds the limit (413), or cannot be read.</exception>
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        CheckAnnounced();
        return Count(await Body.ReadAsync(cancellationToken));
    }

    public override bool TryRead(out ReadResult result)
    {
        CheckAnnounced();
        return base.TryRead(out result);
    }

    /// <summary>Discards what has arrived, without waiting for more.</summary>
    /// <param name="most">The value of <see cref="CountedBody.Arrived"/> at which it stops.</param>
    /// <returns>Whether the whole body has arrived.</returns>
    /// <exception cref="BadHttpRequestException">The body cannot be read.</exception>
    public bool DiscardArrived(long most)
    {
        while (!HasEnded && Arrived < most && Body.TryRead(out var result))
        {
            Discard(result);
        }

        return HasEnded;
    }

    /// <summary>Discards what arrives.</summary>
    /// <param name="most">The value of <see cref="CountedBody.Arrived"/> at which it stops.</param>
    /// <returns>Whether the whole body has arrived.</returns>
    /// <exception cref="BadHttpRequestException">The body cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The time limit is exceeded.</exception>
    public async Task<bool> Discard(long most, CancellationToken ct)
    {
        while (!HasEnded && Arrived < most)
        {
            Discard(await Body.ReadAsync(ct));
        }

        return HasEnded;
    }

    protected override ReadResult Count(ReadResult result)
    {
        base.Count(result);
        HasEnded = result.IsCompleted;
        if (Arrived > MaxRequestBodySize)
        {
            // The read ends, so that the rest can be discarded.
            AdvanceTo(result.Buffer.End);
            throw TooLarge();
        }

        return result;
    }

    private static BadHttpRequestException TooLarge() => new("The body is over the limit.", StatusCodes.Status413PayloadTooLarge);

    private void CheckAnnounced()
    {
        IsReadOnly = true;
        if (announced > MaxRequestBodySize)
        {
            throw TooLarge();
        }
    }

    private void Discard(ReadResult result)
    {
        base.Count(result);
        HasEnded = result.IsCompleted;
        AdvanceTo(result.Buffer.End);
    }
}
