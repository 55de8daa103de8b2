using Idoven.Identity.Accounts;
using Idoven.Identity.ClientEnrolment;
using Idoven.Identity.Keys;
using Idoven.Identity.Mail;
using Idoven.Identity.OneTimeTokens;
using Idoven.Identity.Sessions;
using Idoven.Identity.SignIn;
using Idoven.Identity.TwoFactor;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using OpenIddict.EntityFrameworkCore.Models;

namespace Idoven.Identity.Infrastructure;

internal static class IdentityModel
{
    /// <summary>Maps our own tables, and gives the tables of the libraries names in snake_case.</summary>
    public static void AddIdentityTables(this ModelBuilder model)
    {
        model.Entity<Account>(account =>
        {
            account.ToTable("accounts", table => table.HasCheckConstraint("ck_accounts_role", "role in ('user', 'admin', 'superadmin')"));
            account.Property(a => a.Role).HasMaxLength(20);

            // An address is verified for one account only: the user that verified it last.
            account.HasIndex(a => a.NormalizedEmail, "ix_accounts_verified_email").IsUnique().HasFilter("email_confirmed");
        });
        model.Entity<IdentityUserClaim<Guid>>().ToTable("account_claims");
        model.Entity<IdentityUserLogin<Guid>>().ToTable("account_logins");
        model.Entity<IdentityUserToken<Guid>>().ToTable("account_tokens");
        model.Entity<Session>(session =>
        {
            session.ToTable("sessions");
            session.HasKey(s => s.Id);
            session.Property(s => s.Id).ValueGeneratedNever();
            session.HasIndex(s => s.LastUsedAt);
            session.Property(s => s.FirstAgent).HasMaxLength(AgentFamily.MaxLength);
            session.Property(s => s.LastAgent).HasMaxLength(AgentFamily.MaxLength);
            session.HasOne<Account>().WithMany().HasForeignKey(s => s.AccountId).OnDelete(DeleteBehavior.Cascade);
        });
        model.Entity<FailedAttemptRow>(attempt =>
        {
            attempt.ToTable("guesses");
            attempt.HasKey(g => g.Key);
            attempt.HasIndex(g => g.LastAt);
        });
        model.Entity<SpentActivationRow>(token =>
        {
            token.ToTable("spent_activations");
            token.HasKey(t => t.TokenHash);
            token.HasIndex(t => t.SpentAt);

            // Deleted with the account, also by a host of an earlier release.
            token.HasOne<Account>().WithMany().HasForeignKey(t => t.UserId).OnDelete(DeleteBehavior.Cascade);
        });
        model.Entity<SecondFactor>(factor =>
        {
            factor.ToTable("second_factors");
            factor.HasKey(f => f.AccountId);
            factor.HasOne<Account>().WithOne().HasForeignKey<SecondFactor>(f => f.AccountId).OnDelete(DeleteBehavior.Cascade);
        });
        model.Entity<RecoveryCodeRow>(code =>
        {
            code.ToTable("recovery_codes");
            code.HasKey(c => new { c.AccountId, c.Hash });
            code.HasOne<Account>().WithMany().HasForeignKey(c => c.AccountId).OnDelete(DeleteBehavior.Cascade);
        });
        model.Entity<OneTimeTokenRow>(token =>
        {
            token.ToTable("one_time_tokens");
            token.HasKey(t => t.TokenHash);
            token.Property(t => t.Use).HasConversion<string>().HasMaxLength(20);
            token.HasIndex(t => t.AccountId, "ix_one_time_tokens_activation").HasDatabaseName("ix_one_time_tokens_activation").IsUnique()
                .HasFilter("use = 'Activation'");
            token.HasIndex(t => t.AccountId);
            token.Property(t => t.ExistingAccountId)
                .HasComputedColumnSql("case when use <> 'Activation' then account_id end", stored: true);
            token.HasOne<Account>().WithMany().HasForeignKey(t => t.ExistingAccountId).OnDelete(DeleteBehavior.Cascade);
        });
        model.Entity<EnrolmentRow>(enrolment =>
        {
            enrolment.ToTable("client_enrolments");
            enrolment.HasKey(e => e.TokenHash);
            enrolment.HasIndex(e => e.ExpiresAt);
            enrolment.HasOne<OpenIddictEntityFrameworkCoreApplication<Guid>>().WithMany()
                .HasForeignKey(e => e.ClientKey).OnDelete(DeleteBehavior.Cascade);
        });
        model.Entity<OutgoingEmail>(email =>
        {
            email.ToTable("letters");
            email.HasKey(l => l.Id);
            email.Property(l => l.Id).ValueGeneratedNever();
            email.Property(l => l.Notice).HasConversion<string>().HasMaxLength(40);
            email.HasIndex(l => l.NextAttemptAt);
            email.HasIndex(l => l.Address).IsUnique().HasFilter("notice is null");
            email.HasOne<Account>().WithMany().HasForeignKey(l => l.AccountId).OnDelete(DeleteBehavior.Cascade);
        });
        model.Entity<EmailCount>(count =>
        {
            count.ToTable("email_counts");
            count.HasKey(c => c.Key);
            count.HasIndex(c => c.LastAt);
            count.HasOne<Account>().WithMany().HasForeignKey(c => c.AccountId).OnDelete(DeleteBehavior.Cascade);
        });
        model.Entity<ErasedUser>(user =>
        {
            user.ToTable("erased_users");
            user.HasKey(u => u.Id);
            user.Property(u => u.Id).ValueGeneratedNever();
        });
        model.Entity<KeyRow>(key =>
        {
            key.ToTable("keys", table => table.HasCheckConstraint("ck_keys_use", "use in ('signing', 'encryption')"));
            key.HasKey(k => k.Id);
            key.Property(k => k.Id).ValueGeneratedNever();
            key.Ignore(k => k.Key);
            key.HasIndex(k => k.Use, "ix_keys_active").HasDatabaseName("ix_keys_active").IsUnique()
                .HasFilter("activated_at is not null and retired_at is null");
            key.HasIndex(k => k.Use, "ix_keys_next").HasDatabaseName("ix_keys_next").IsUnique()
                .HasFilter("activated_at is null");
        });
        model.Entity<DataProtectionKey>().ToTable("data_protection_keys");
        model.Entity<OpenIddictEntityFrameworkCoreApplication<Guid>>().ToTable("clients");
        model.Entity<OpenIddictEntityFrameworkCoreAuthorization<Guid>>().ToTable("authorizations").HasIndex(grant => grant.Subject);
        model.Entity<OpenIddictEntityFrameworkCoreScope<Guid>>().ToTable("scopes");
        model.Entity<OpenIddictEntityFrameworkCoreToken<Guid>>(token =>
        {
            token.ToTable("tokens");
            token.HasIndex(t => t.ExpirationDate);
            token.HasIndex(t => t.Subject);
        });
    }
}
