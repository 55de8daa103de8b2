using Microsoft.EntityFrameworkCore;

namespace Idoven.Shared.Messaging.Storage;

public static class MessagingModel
{
    /// <summary>
    /// Maps outbox, inbox, parked messages, the event sequence, the leader's lease and the hosts into the module's own schema.
    /// </summary>
    public static void AddMessaging(this ModelBuilder model)
    {
        model.Entity<OutboxRow>(row =>
        {
            row.ToTable("outbox");
            row.HasKey(r => r.Id);
            row.Property(r => r.Id).UseIdentityAlwaysColumn();
            row.Property(r => r.Body).HasColumnType("json");
            row.HasIndex(r => r.MessageId).IsUnique();
            row.HasIndex(r => r.Sequence).IsUnique();
            row.HasIndex(r => r.Id).HasDatabaseName("ix_outbox_unsent").HasFilter("sent_at is null");
            row.HasIndex(r => r.Key);
            row.HasIndex(r => r.SentAt).HasFilter("sent_at is not null");
        });
        model.Entity<InboxRow>(row =>
        {
            row.ToTable("inbox");
            row.HasKey(r => new { r.MessageId, r.Consumer }).HasName(InboxRow.PrimaryKey);
            row.HasIndex(r => r.ReceivedAt);
        });
        model.Entity<ParkedRow>(row =>
        {
            row.ToTable("parked");
            row.HasKey(r => r.Id);
            row.Property(r => r.Body).HasColumnType("json");
            row.HasIndex(r => new { r.MessageId, r.Queue }).IsUnique();
            row.HasIndex(r => r.NextAttemptAt).HasFilter("next_attempt_at is not null");
        });
        model.Entity<LeaderRow>(row =>
        {
            row.ToTable("leader", table => table.HasCheckConstraint("ck_leader_only", "\"only\""));
            row.HasKey(r => r.Only);
            row.Property(r => r.Only).ValueGeneratedNever();
            row.HasData(new LeaderRow { Only = true, Epoch = 0, Until = DateTimeOffset.UnixEpoch });
        });
        model.Entity<HostRow>(row =>
        {
            row.ToTable("hosts");
            row.HasKey(r => r.Id);
            row.Property(r => r.Id).ValueGeneratedNever();
        });
        model.Entity<EventSequenceRow>(row =>
        {
            row.ToTable("event_sequence", table => table.HasCheckConstraint("ck_event_sequence_only", "\"only\""));
            row.HasKey(r => r.Only);
            row.Property(r => r.Only).ValueGeneratedNever();
            row.HasData(new EventSequenceRow { Only = true, Last = 0 });
        });
    }
}
