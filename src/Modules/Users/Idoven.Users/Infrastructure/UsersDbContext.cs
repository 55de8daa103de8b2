using System.Text.Json;
using Idoven.Shared.Audit;
using Idoven.Shared.Data;
using Idoven.Shared.Messaging.Storage;
using Idoven.Shared.Web.Idempotency;
using Idoven.Shared.Web.Revocation;
using Idoven.Users.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Design;
using Npgsql;

namespace Idoven.Users.Infrastructure;

/// <summary>Represents the schema <c>users</c>.</summary>
internal sealed class UsersDbContext(DbContextOptions<UsersDbContext> options) : DbContext(options)
{
    private const string KnownRoles = "role in ('user', 'admin', 'superadmin')";

    public DbSet<User> Users => Set<User>();

    public DbSet<Erasure> Erasures => Set<Erasure>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasDefaultSchema(ModuleName.Value);
        modelBuilder.Entity<User>(user =>
        {
            user.ToTable("users", table =>
            {
                table.HasCheckConstraint("ck_users_role", KnownRoles);
                table.HasCheckConstraint("ck_users_version", "version >= 1");
                table.HasCheckConstraint("ck_users_activation", "activated_at is null or activation_expires_at is null");
            });
            user.HasKey(u => u.Id);
            user.Property(u => u.Id).ValueGeneratedNever();
            user.Property(u => u.Username).HasMaxLength(User.MaxUsernameLength);
            user.Property(u => u.Email).HasMaxLength(User.MaxEmailLength);
            user.Property(u => u.DisplayName).HasMaxLength(User.MaxDisplayNameLength);
            user.Property(u => u.Role).HasMaxLength(20);
            user.HasIndex(u => u.NormalizedUsername).IsUnique();
            user.HasIndex(u => u.EraseAt).HasFilter("erase_at is not null");
        });
        modelBuilder.Entity<Erasure>(erasure =>
        {
            erasure.ToTable("erasures", table => table.HasCheckConstraint("ck_erasures_role", KnownRoles));
            erasure.HasKey(e => e.UserId);
            erasure.Property(e => e.UserId).ValueGeneratedNever();
            erasure.Property(e => e.Role).HasMaxLength(20);
            erasure.Property(e => e.RequestedAt);
            erasure.HasMany(e => e.Parts).WithOne().HasForeignKey(part => part.UserId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<ErasedPart>(part =>
        {
            part.ToTable("erased_parts");
            part.HasKey(p => new { p.UserId, p.Module });
            part.Property(p => p.Module).HasMaxLength(20);
            part.Property(p => p.Counts).HasColumnType("json").HasConversion(
                counts => JsonSerializer.Serialize(counts, JsonSerializerOptions.Default),
                text => JsonSerializer.Deserialize<Dictionary<string, long>>(text, JsonSerializerOptions.Default)!,
                new ValueComparer<Dictionary<string, long>>(
                    (one, other) => ReferenceEquals(one, other), counts => counts.Count, counts => counts));
        });
        modelBuilder.AddMessaging();
        modelBuilder.AddRevocations();
        modelBuilder.AddIdempotency();
        modelBuilder.AddAudit();
        modelBuilder.AddAuditSeals();
    }
}

/// <summary>Creates the context for <c>dotnet ef migrations add</c>, which needs no database.</summary>
internal sealed class UsersDbContextFactory : IDesignTimeDbContextFactory<UsersDbContext>
{
    public UsersDbContext CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<UsersDbContext>();
        options.UseModule(NpgsqlDataSource.Create("Host=localhost"), ModuleName.Value);
        return new UsersDbContext(options.Options);
    }
}
