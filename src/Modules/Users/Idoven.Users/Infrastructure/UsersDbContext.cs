using Idoven.Shared.Messaging;
using Idoven.Shared.Persistence;
using Idoven.Users.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Npgsql;

namespace Idoven.Users.Infrastructure;

/// <summary>Schema <c>users</c>.</summary>
internal sealed class UsersDbContext(DbContextOptions<UsersDbContext> options) : DbContext(options)
{
    public DbSet<User> Users => Set<User>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasDefaultSchema(UsersModule.Name);
        modelBuilder.Entity<User>(user =>
        {
            user.ToTable("users", table =>
            {
                table.HasCheckConstraint("ck_users_role", "role in ('user', 'admin', 'superadmin')");
                table.HasCheckConstraint("ck_users_version", "version >= 1");
            });
            user.HasKey(u => u.Id);
            user.Property(u => u.Id).ValueGeneratedNever();
            user.Property(u => u.Username).HasMaxLength(User.MaxUsernameLength);
            user.Property(u => u.Email).HasMaxLength(User.MaxEmailLength);
            user.Property(u => u.DisplayName).HasMaxLength(User.MaxDisplayNameLength);
            user.Property(u => u.Role).HasMaxLength(20);
            user.HasIndex(u => u.NormalizedUsername).IsUnique();
            user.HasIndex(u => u.NormalizedEmail).IsUnique();
        });
        modelBuilder.AddMessaging();
    }
}

/// <summary>For <c>dotnet ef migrations add</c> only: no database is asked.</summary>
internal sealed class UsersDbContextFactory : IDesignTimeDbContextFactory<UsersDbContext>
{
    public UsersDbContext CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<UsersDbContext>();
        options.UseModule(NpgsqlDataSource.Create("Host=localhost"), UsersModule.Name);
        return new UsersDbContext(options.Options);
    }
}
