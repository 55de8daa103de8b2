namespace Idoven.Shared.Messaging.Outbox;

/// <summary>Reads the public events of a module again, in the order of their numbers, for subscribers that missed some.</summary>
public interface IEventFeed
{
    /// <summary>Returns the events with numbers above <paramref name="after"/>, at most <paramref name="limit"/>.</summary>
    Task<FeedPage> Read(long after, int limit, CancellationToken ct);
}

/// <param name="Events">CloudEvents 1.0 documents, as they were published.</param>
/// <param name="Last">The number of the last event of the page; the requested number if the page is empty.</param>
/// <param name="IsGone">Whether events in between are older than 30 days and were removed.</param>
public sealed record FeedPage(IReadOnlyList<byte[]> Events, long Last, bool IsGone);
