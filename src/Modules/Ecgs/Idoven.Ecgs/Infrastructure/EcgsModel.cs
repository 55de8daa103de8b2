using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Application.Accesses;
using Idoven.Ecgs.Application.Signals;
using Idoven.Ecgs.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace Idoven.Ecgs.Infrastructure;

/// <summary>
/// Represents a subject that owns or owned ECGs. An upload locks its row FOR SHARE, an erasure sets <see cref="ErasedAt"/>.
/// </summary>
internal sealed class Owner
{
    public required string Id { get; init; }

    public DateTimeOffset? ErasedAt { get; init; }

    /// <summary>Gets or sets the number of ECGs that were erased so far.</summary>
    public long ErasedEcgs { get; set; }

    /// <summary>Gets or sets the time at which all ECGs were erased; null until then.</summary>
    public DateTimeOffset? ErasureFinishedAt { get; set; }
}

/// <summary>Represents a host that consumes the analysis queue.</summary>
/// <param name="Id">The id of the host, which is new at each start.</param>
/// <param name="Consumers">The number of ECGs that it analyses at a time.</param>
/// <param name="SamplesPerSecond">The measured rate; 0 until it has analysed something.</param>
/// <param name="SeenAt">The time of its last report, by the database's clock.</param>
internal sealed record AnalysisHost(Guid Id, int Consumers, double SamplesPerSecond, DateTimeOffset SeenAt);

/// <summary>Represents a row of <c>signal_blocks</c>.</summary>
internal sealed record StoredBlock(Guid EcgId, short LeadNumber, int BlockNumber, short Encoding, int Samples, byte[] Bytes);

internal static class EcgsModel
{
    public static void AddEcgs(this ModelBuilder model)
    {
        model.Entity<Owner>(owner =>
        {
            owner.ToTable("owners");
            owner.HasKey(o => o.Id);
            owner.Property(o => o.Id).HasMaxLength(200);
            owner.Property(o => o.ErasedEcgs).HasDefaultValue(0L);
            owner.HasIndex(o => o.ErasedAt).HasFilter("erased_at is not null and erasure_finished_at is null");
        });
        model.Entity<Ecg>(ecg =>
        {
            ecg.ToTable("ecgs", table =>
            {
                table.HasCheckConstraint("ck_ecgs_status", "status in ('queued', 'processed', 'failed')");
                table.HasCheckConstraint("ck_ecgs_failure", "(status = 'failed') = (failure_reason is not null)");
                table.HasCheckConstraint("ck_ecgs_processed_at", "(status = 'queued') = (processed_at is null)");
                table.HasCheckConstraint("ck_ecgs_sampling_frequency", "sampling_frequency > 0");
                table.HasCheckConstraint("ck_ecgs_gain", "gain > 0");
                table.HasCheckConstraint("ck_ecgs_body_sha256", "length(body_sha256) = 32");
                table.HasCheckConstraint("ck_ecgs_attempts", "attempts >= 0");
            });
            ecg.HasKey(e => e.Id);
            ecg.Property(e => e.Id).ValueGeneratedNever();
            ecg.Property(e => e.Status).HasMaxLength(10)
                .HasConversion(status => status.ToText(), text => EcgStatusText.Parse(text)!.Value);
            ecg.Property(e => e.Unit).HasMaxLength(16);
            ecg.Property(e => e.ExternalId).HasMaxLength(128);
            ecg.Property(e => e.FailureReason).HasMaxLength(50);
            ecg.HasOne<Owner>().WithMany().HasForeignKey(e => e.OwnerId).OnDelete(DeleteBehavior.Restrict);
            ecg.HasMany(e => e.Leads).WithOne().HasForeignKey(lead => lead.EcgId).OnDelete(DeleteBehavior.Cascade);
            ecg.HasIndex(e => new { e.OwnerId, e.Id }).IsDescending(false, true);
            ecg.HasIndex(e => new { e.OwnerId, e.ExternalId }).HasFilter("external_id is not null");
            ecg.HasIndex(e => e.NextAttemptAt).HasFilter("next_attempt_at is not null");
            ecg.Property(e => e.Samples).HasDefaultValue(0L);
            ecg.Property(e => e.IsReprocessing).HasDefaultValue(false);
            ecg.Property(e => e.Traceparent).HasMaxLength(100);

            // A new ECG is due at once by the database's clock: a host whose clock is ahead does not delay its uploads.
            ecg.Property(e => e.NextAttemptAt).HasDefaultValueSql("now()");
        });
        model.Entity<AnalysisHost>(host =>
        {
            host.ToTable("analysis_hosts");
            host.HasKey(h => h.Id);
            host.Property(h => h.Id).ValueGeneratedNever();
        });
        model.Entity<Lead>(lead =>
        {
            lead.ToTable("leads", table => table.HasCheckConstraint("ck_leads_samples", "samples > 0"));
            lead.HasKey(l => new { l.EcgId, l.Number });
            lead.Property(l => l.Number).HasColumnName("lead_no");
            lead.Property(l => l.Name).HasMaxLength(32);
            lead.HasIndex(l => new { l.EcgId, l.Name }).IsUnique();
        });
        model.Entity<StoredBlock>(block =>
        {
            block.ToTable("signal_blocks", table =>
                table.HasCheckConstraint("ck_signal_blocks_samples", $"samples between 1 and {SignalBlock.MaxSamples}"));
            block.HasKey(b => new { b.EcgId, b.LeadNumber, b.BlockNumber });
            block.Property(b => b.LeadNumber).HasColumnName("lead_no");
            block.Property(b => b.BlockNumber).HasColumnName("block_no");
            block.HasOne<Lead>().WithMany().HasForeignKey(b => new { b.EcgId, b.LeadNumber }).OnDelete(DeleteBehavior.Cascade);
        });
        model.Entity<EcgAccess>(access =>
        {
            access.ToTable("accesses", table =>
            {
                table.HasCheckConstraint("ck_accesses_codes", "action ~ '^[a-z_.]+$' and outcome ~ '^[a-z_]+$'");
                table.HasCheckConstraint("ck_accesses_count", "count > 0");
            });
            access.HasKey(a => a.Id);
            access.Property(a => a.Id).ValueGeneratedNever();
            access.Property(a => a.Action).HasMaxLength(60);
            access.Property(a => a.Outcome).HasMaxLength(60);
            access.Property(a => a.Subject).HasMaxLength(200);
            access.Property(a => a.ClientId).HasMaxLength(200);
            access.Property(a => a.OwnerId).HasMaxLength(200);
            access.Property(a => a.TraceId).HasMaxLength(32);

            // The only index besides the key, because each index makes every read slower.
            access.HasIndex(a => new { a.OwnerId, a.EcgId, a.Id }).HasFilter("ecg_id is not null");
        });
        model.Entity<InsightSet>(set =>
        {
            set.ToTable("insight_sets");
            set.HasKey(s => new { s.EcgId, s.EngineVersion });
            set.Property(s => s.EngineVersion).HasMaxLength(50);
            set.Property(s => s.Document).HasColumnType("bytea");
            set.Property(s => s.IsIncomplete).HasDefaultValue(false);
            set.HasOne<Ecg>().WithMany().HasForeignKey(s => s.EcgId).OnDelete(DeleteBehavior.Cascade);
        });
        model.Entity<BeatList>(list =>
        {
            list.ToTable("beat_lists");
            list.HasKey(l => new { l.EcgId, l.EngineVersion, l.LeadNumber });
            list.Property(l => l.LeadNumber).HasColumnName("lead_no");
            list.Property(l => l.Beats).HasColumnType("bytea").HasConversion(
                beats => BeatCodec.Encode(beats),
                bytes => DecodeBeats(bytes),
                new ValueComparer<IReadOnlyList<ClassifiedBeat>>(
                    (one, other) => ReferenceEquals(one, other), beats => beats.Count, beats => beats));
            list.HasOne<InsightSet>().WithMany().HasForeignKey(l => new { l.EcgId, l.EngineVersion }).OnDelete(DeleteBehavior.Cascade);
        });
    }
    /// <summary>Decodes a row's beats; an expression tree cannot contain a span.</summary>
    private static IReadOnlyList<ClassifiedBeat> DecodeBeats(byte[] bytes) => BeatCodec.Decode(bytes);
}
