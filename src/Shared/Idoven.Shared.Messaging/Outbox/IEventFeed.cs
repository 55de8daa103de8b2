namespace Idoven.Shared.Messaging.Outbox;

/// <summary>The public events of a module once more, in the order of their numbers: what a subscriber missed.</summary>
public interface IEventFeed
{
    /// <summary>The events with numbers above <paramref name="after"/>, at most <paramref name="limit"/>.</summary>
    Task<FeedPage> Read(long after, int limit, CancellationToken ct);
}

/// <param name="Events">CloudEvents 1.0 documents, as they were published.</param>
/// <param name="Last">The number of the last one here; what was asked after, where there is none.</param>
/// <param name="IsGone">Events between were kept for 30 days and are gone.</param>
public sealed record FeedPage(IReadOnlyList<byte[]> Events, long Last, bool IsGone);
