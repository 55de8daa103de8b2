namespace Idoven.Shared.Messaging.Storage;

/// <summary>A message that was stored in the transaction of its cause. It waits for the broker, or was sent.</summary>
internal sealed class OutboxRow
{
    public long Id { get; init; }

    public required Guid MessageId { get; init; }

    /// <summary>Gets the id of the aggregate. Rows of one key are sent in the order of their ids.</summary>
    public required Guid Key { get; init; }

    public required string Type { get; init; }

    public required bool IsPublic { get; init; }

    public required string Body { get; init; }

    public string? Traceparent { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Gets the number of a public event in the feed, without gaps, which the relay assigns; null for messages.</summary>
    public long? Sequence { get; init; }

    public DateTimeOffset? SentAt { get; init; }

    public int Attempts { get; init; }

    public DateTimeOffset? NextAttemptAt { get; init; }

    public string? LastError { get; init; }

    public DateTimeOffset? ParkedAt { get; init; }
}

/// <summary>A delivery whose effect is committed. A repeated delivery finds the row and has no effect.</summary>
internal sealed class InboxRow
{
    /// <summary>The name of the primary key. Its violation means that another delivery of the message has committed.</summary>
    public const string PrimaryKey = "pk_inbox";

    public required Guid MessageId { get; init; }

    public required string Consumer { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }
}

/// <summary>A message that a consumer could not handle. Sent to its queue again while <see cref="NextAttemptAt"/> is set.</summary>
internal sealed class ParkedRow
{
    public required Guid Id { get; init; }

    public required Guid MessageId { get; init; }

    public required string Queue { get; init; }

    public required string Type { get; init; }

    public required string Body { get; init; }

    public string? Traceparent { get; init; }

    public required int Attempts { get; set; }

    /// <summary>Gets the time of the next attempt; null if only an operator can replay the message.</summary>
    public required DateTimeOffset? NextAttemptAt { get; set; }

    public required string LastError { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>
/// The single row of <c>leader</c>: the host whose worker runs the module's jobs and relay. The lease is valid until <see cref="Until"/> by
/// the database's clock; <see cref="Epoch"/> grows by one each time another host takes it.
/// </summary>
internal sealed class LeaderRow
{
    public required bool Only { get; init; }

    public Guid? Holder { get; init; }

    public required long Epoch { get; init; }

    public required DateTimeOffset Until { get; init; }

    /// <summary>
    /// Gets the process id of the holder's PostgreSQL session, which holds the advisory lock and every numbering transaction.
    /// </summary>
    public int? BackendPid { get; init; }
}

/// <summary>
/// A host that runs the module. Written every few seconds: a commit of this row also shows that the database accepts writes.
/// </summary>
internal sealed class HostRow
{
    public required Guid Id { get; init; }

    public required DateTimeOffset SeenAt { get; init; }
}

/// <summary>The single row with the last number of a public event. It is locked during the numbering, so that there are no gaps.</summary>
internal sealed class EventSequenceRow
{
    public required bool Only { get; init; }

    public required long Last { get; init; }
}
