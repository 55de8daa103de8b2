using Idoven.Identity.Accounts;
using Idoven.Identity.ClientEnrolment;
using Idoven.Identity.Common;
using Idoven.Identity.Mail;
using Idoven.Identity.OneTimeTokens;
using Idoven.Identity.TwoFactor;
using Idoven.Shared.Audit;
using Idoven.Shared.Messaging.Storage;
using Idoven.Shared.Web.Idempotency;
using Idoven.Shared.Web.Revocation;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace Idoven.Identity.Infrastructure;

/// <summary>The schema <c>identity</c>: accounts, sessions, keys, and OpenIddict's clients and tokens.</summary>
internal sealed class IdentityDbContext(DbContextOptions<IdentityDbContext> options)
    : IdentityUserContext<Account, Guid>(options), IDataProtectionKeyContext
{
    public DbSet<Session> Sessions => Set<Session>();

    public DbSet<SecondFactor> SecondFactors => Set<SecondFactor>();

    public DbSet<RecoveryCodeRow> RecoveryCodes => Set<RecoveryCodeRow>();

    public DbSet<OneTimeTokenRow> OneTimeTokens => Set<OneTimeTokenRow>();

    public DbSet<SpentActivationRow> SpentActivations => Set<SpentActivationRow>();

    public DbSet<EnrolmentRow> ClientEnrolments => Set<EnrolmentRow>();

    public DbSet<OutgoingEmail> OutgoingEmails => Set<OutgoingEmail>();

    public DbSet<EmailCount> EmailCounts => Set<EmailCount>();

    public DbSet<ErasedUser> ErasedUsers => Set<ErasedUser>();

    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.HasDefaultSchema(ModuleName.Value);
        builder.UseOpenIddict<Guid>();
        builder.AddIdentityTables();
        builder.AddMessaging();
        builder.AddRevocations();
        builder.AddIdempotency();
        builder.AddAudit();
        builder.AddAuditSeals();
    }
}
