using Idoven.Ecgs.Domain;
using Idoven.Shared.Messaging.Storage;
using Idoven.Shared.Web.Idempotency;
using Idoven.Shared.Web.Revocation;
using Microsoft.EntityFrameworkCore;

namespace Idoven.Ecgs.Infrastructure;

/// <summary>
/// Represents the schema <c>ecgs</c>. Signal blocks are mapped for the migrations only; they are written and read without change tracking.
/// </summary>
internal sealed class EcgsDbContext(DbContextOptions<EcgsDbContext> options) : DbContext(options)
{
    public DbSet<Ecg> Ecgs => Set<Ecg>();

    public DbSet<Owner> Owners => Set<Owner>();

    public DbSet<InsightSet> InsightSets => Set<InsightSet>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasDefaultSchema(ModuleName.Value);
        modelBuilder.AddEcgs();
        modelBuilder.AddMessaging();
        modelBuilder.AddIdempotency();
        modelBuilder.AddRevocations();
    }
}
