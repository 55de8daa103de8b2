using Npgsql;

namespace Idoven.Shared.Messaging.Messages;

/// <summary>The columns of a stored message that are needed to send it.</summary>
internal sealed record OutboxMessage(
    long Id, Guid MessageId, Guid Key, string Type, string Body, string? Traceparent, DateTimeOffset CreatedAt, long? Sequence)
{
    /// <summary>Reads the columns in the order of the parameters.</summary>
    public static OutboxMessage Read(NpgsqlDataReader reader) => new(
        reader.GetInt64(0), reader.GetGuid(1), reader.GetGuid(2), reader.GetString(3), reader.GetString(4),
        reader.IsDBNull(
            5) ? null : reader.GetString(5), reader.GetFieldValue<DateTimeOffset>(6), reader.IsDBNull(7) ? null : reader.GetInt64(7));
}
