using Idoven.Identity.Accounts;
using Idoven.Identity.ClientEnrolment;
using Idoven.Identity.Clients;
using Idoven.Identity.Common;
using Idoven.Identity.Consents;
using Idoven.Identity.Contracts;
using Idoven.Identity.Infrastructure;
using Idoven.Identity.Keys;
using Idoven.Identity.Mail;
using Idoven.Identity.OneTimeTokens;
using Idoven.Identity.Pages;
using Idoven.Identity.Recovery;
using Idoven.Identity.Sessions;
using Idoven.Identity.SignIn;
using Idoven.Identity.TokenServer;
using Idoven.Identity.TokenServer.Endpoints;
using Idoven.Identity.TwoFactor;
using Idoven.Shared.Audit;
using Idoven.Shared.Data;
using Idoven.Shared.Data.Configuration;
using Idoven.Shared.Data.Jobs;
using Idoven.Shared.Data.Limits;
using Idoven.Shared.Messaging;
using Idoven.Shared.Messaging.Consumers;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Describe;
using Idoven.Shared.Web.Idempotency;
using Idoven.Shared.Web.Operations;
using Idoven.Shared.Web.Revocation;
using Idoven.Users.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Idoven.Identity;

/// <summary>
/// The module Identity: accounts, sessions, clients, and the token server. Other modules only use OAuth 2.0 and OpenID Connect.
/// </summary>
public static class IdentityModule
{
    public static void AddIdentity(this IHostApplicationBuilder builder)
    {
        builder.AddModuleDatabase<IdentityDbContext>(ModuleName.Value);
        builder.Services.AddProblemTypes(IdentityProblems.All);
        builder.Services.AddParkedMessages<IdentityDbContext>(ModuleName.Value);
        builder.Services.AddScoped<IIdentityOutbox, IdentityOutbox>();
        builder.Services.AddScoped<IIdentityAuditLog, IdentityAuditLog>();
        builder.AddModuleMessaging<IdentityDbContext>(ModuleName.Value, contracts => contracts
            .Message<AccountActivated>()
            .Message<SessionsRevoked>()
            .Message<OwnerErased>()
            .Message<ClientDeleted>());
        builder.AddRevocations<IdentityDbContext>(ModuleName.Value, IdentityScopes.Audience, RevokeSessionsConsumer.Queue);
        builder.AddAudit<IdentityDbContext>(ModuleName.Value);
        builder.Services.AddIdempotency<IdentityDbContext>();

        builder.AddKeys();
        builder.AddTokenServer();
        AddAccounts(builder.Services);
        AddSignIn(builder.Services, builder.Configuration);
        AddPages(builder.Services, builder.Configuration);
        AddClients(builder.Services);
        AddMail(builder.Services, builder.Configuration);
        AddPruning(builder.Services);
        builder.Services.AddScoped<IDevelopmentSeed, SeedDemoAccounts>();
    }

    /// <summary>Adds the use cases of accounts.</summary>
    private static void AddAccounts(IServiceCollection services)
    {
        services.AddSingleton<IPasswordHasher<Account>, Argon2idPasswordHasher>();
        services.AddSingleton<DummyVerifier>();
        services.AddSingleton<HashingGate>();
        services.AddIdentityCore<Account>().AddEntityFrameworkStores<IdentityDbContext>();
        services.AddScoped<IAccounts, AccountStore>();
        services.AddScoped<IAccountChanges, AccountStore>();
        services.AddScoped<ISecondFactors, SecondFactorStore>();
        services.AddScoped<TwoFactorEnrolment>();
        services.AddScoped<IOneTimeTokens, OneTimeTokenStore>();
        services.AddScoped<CreateAccountHandler>();
        services.AddScoped<IssueActivationHandler>();
        services.AddScoped<ChangeAccountHandler>();
        services.AddScoped<DeleteAccountHandler>();
        services.AddScoped<ActivateAccountHandler>();
        services.AddScoped<ChangePasswordHandler>();
        services.AddScoped<ChangeSecondFactorHandler>();
        services.AddScoped<VerifyEmailHandler>();
        services.AddScoped<RecoverHandler>();
    }

    /// <summary>Adds sign-in, sign-out and sessions.</summary>
    private static void AddSignIn(IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(configuration.Read<SignInThrottleOptions>("Guesses"));
        services.AddSingleton<IFailedAttempts, FailedAttemptStore>();
        services.AddSingleton<SignInThrottle>();
        services.AddShares(IdentityShares.All);
        services.AddScoped<PasswordCheck>();
        services.AddSingleton(SecondFactorRule.Read(configuration["Auth:RequireSecondFactor"])
            ?? throw new ConfigurationException("Auth:RequireSecondFactor is not valid: give none, admins or everybody."));
        services.AddSingleton(SessionLifetime.Read(configuration["Auth:SessionLifetime"])
            ?? throw new ConfigurationException("Auth:SessionLifetime: give an hour to 1000 days, such as 180.00:00:00."));
        services.AddScoped<ISessions, SessionStore>();
        services.AddScoped<SignInHandler>();
        services.AddScoped<TwoFactorChallengeHandler>();
        services.AddScoped<AllowDeviceHandler>();
        services.AddScoped<EndSessionHandler>();
        services.AddScoped<EndAllSessionsHandler>();
        services.AddScoped<WithdrawConsentHandler>();
    }

    /// <summary>Adds the pages and the cookies of browsers.</summary>
    private static void AddPages(IServiceCollection services, IConfiguration configuration)
    {
        var isSecure = TokenServerExtensions.Issuer(configuration).Scheme == Uri.UriSchemeHttps;
        var idleLimit = BrowserSession.ReadIdleLimit(configuration["Auth:BrowserIdle"])
            ?? throw new ConfigurationException("Auth:BrowserIdle: give a minute to 12 hours, such as 00:15:00.");
        BrowserSession.Add(services, isSecure, idleLimit);
        services.AddHttpContextAccessor();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<DeviceCookie>(provider, isSecure));
        services.AddSingleton<IRequestOrigin, HttpRequestOrigin>();
        services.AddScoped<IConsents, ConsentStore>();
        services.AddSingleton<HtmlForms>();
    }

    /// <summary>Adds the use cases of clients.</summary>
    private static void AddClients(IServiceCollection services)
    {
        services.AddScoped<IClients, ClientStore>();
        services.AddScoped<IEnrolments, EnrolmentStore>();
        services.AddScoped<RegisterClientHandler>();
        services.AddScoped<IssueEnrolmentHandler>();
        services.AddScoped<EnrolClientHandler>();
        services.AddScoped<RotateClientSecretHandler>();
        services.AddScoped<ChangeClientHandler>();
        services.AddScoped<GrantScopesHandler>();
        services.AddScoped<DeleteClientHandler>();
    }

    private static void AddMail(IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(SmtpSettings.Read(configuration));
        services.AddSingleton(configuration.Read<EmailBoundOptions>("EmailBounds"));
        services.AddSingleton<SmtpEmailSender>();
        services.AddSingleton<EmailOutboxRun>();
        services.AddScoped<EmailCounts>();
        services.AddScoped<INotices, NoticeStore>();
        services.AddScoped<RecoveryRequests>();
        services.AddScoped<IBackgroundJob<IdentityDbContext>, EmailOutboxJob>();
    }

    /// <summary>Adds the retention of rows that are no longer needed.</summary>
    private static void AddPruning(IServiceCollection services)
    {
        services.AddSingleton<IBackgroundJob<IdentityDbContext>, PruneTokensJob>();
        services.AddRetentionRule<IdentityDbContext>("sessions", "id", "last_used_at < now() - interval '30 days'");
        services.AddRetentionRule<IdentityDbContext>("guesses", "key", "last_at < now() - interval '1 day'");
        services.AddRetentionRule<IdentityDbContext>("email_counts", "key", "last_at < now() - interval '1 day'");
        services.AddRetentionRule<IdentityDbContext>(
            "one_time_tokens",
            "token_hash",
            "expires_at < now() - case use when 'Activation' then interval '30 days' else interval '1 day' end");
        services.AddRetentionRule<IdentityDbContext>("client_enrolments", "token_hash", "expires_at < now() - interval '400 days'");
        services.AddRetentionRule<IdentityDbContext>("spent_activations", "token_hash", "spent_at < now() - interval '400 days'");
    }

    /// <summary>Registers the scopes and policies of the module. Every host does so, also if the module runs elsewhere.</summary>
    public static void AddIdentityAccess(this AccessRules access) => IdentityPolicies.Register(access);

    public static void AddIdentityConsumers(this BusBuilder bus) => bus.Module<IdentityDbContext>()
        .Consume<CreateAccountConsumer, UserRegistered>("identity-create-account")
        .Consume<IssueActivationConsumer, ActivationIssued>("identity-issue-activation")
        .Consume<ChangeAccountConsumer, UserChanged>("identity-change-account")
        .Consume<DeleteAccountConsumer, UserDeleted>("identity-delete-account")
        .Consume<RevokeSessionsConsumer, SessionsRevoked>(RevokeSessionsConsumer.Queue);

    /// <summary>Runs the verb <c>client</c> of the host program: machine clients, and scopes that are granted on the host only.</summary>
    /// <remarks>The verb may run while hosts run.</remarks>
    /// <returns>The exit code.</returns>
    /// <exception cref="ConfigurationException">The module is not part of this host.</exception>
    public static async Task<int> RunClientVerb(
        IServiceProvider services, string[] words, TextReader input, TextWriter output, TextWriter errors, CancellationToken ct)
    {
        await using var scope = CreateScope(services, "client");
        return await ActivatorUtilities.CreateInstance<ClientVerb>(scope.ServiceProvider).Run(words, input, output, errors, ct);
    }

    /// <summary>Runs the verb <c>account</c>, for users who cannot recover their account in any other way.</summary>
    /// <remarks>The verb may run while hosts run.</remarks>
    /// <returns>The exit code.</returns>
    /// <exception cref="ConfigurationException">The module is not part of this host.</exception>
    public static async Task<int> RunAccountVerb(
        IServiceProvider services, string[] words, TextWriter output, TextWriter errors, CancellationToken ct)
    {
        await using var scope = CreateScope(services, "account");
        return await ActivatorUtilities.CreateInstance<AccountVerb>(scope.ServiceProvider).Run(words, output, errors, ct);
    }

    /// <summary>Runs the verb <c>keys</c> of the host program: the keys with which tokens are signed and encrypted.</summary>
    /// <remarks>The verb may run while hosts run.</remarks>
    /// <returns>The exit code.</returns>
    /// <exception cref="ConfigurationException">The module is not part of this host, or the master key does not open the keys.</exception>
    public static async Task<int> RunKeysVerb(
        IServiceProvider services, string[] words, TextWriter output, TextWriter errors, CancellationToken ct)
    {
        await using var scope = CreateScope(services, "keys");
        return await ActivatorUtilities.CreateInstance<KeysVerb>(scope.ServiceProvider).Run(words, output, errors, ct);
    }

    public static void MapIdentity(this IEndpointRouteBuilder app)
    {
        app.MapToken();
        app.MapAuthorize();
        app.MapVerify();
        app.MapUserInfo();
        app.MapLogout();
        app.MapOperations(ModuleName.Value, IdentityPolicies.OperateIdentity);
        var account = app.MapGroup("/account").WithTags("Account");
        account.MapActivateAccount();
        account.MapActivationPages();
        account.MapChangePassword();
        account.MapEmail();
        account.MapEmailPages();
        account.MapRecovery();
        account.MapRecoveryPages();
        account.MapSecondFactor();
        account.MapListSessions();
        account.MapEndSession();
        account.MapEndAllSessions();
        account.MapListApplications();
        account.MapWithdrawConsent();
        account.MapOwnAudit("audit", ModuleName.Value, IdentityPolicies.OwnAccount, "ReadAccountAudit");
        var clients = app.MapGroup("/api/v1/clients").WithTags("Clients")
            .Takes("id", "The client's id.", "\"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0f\"");
        clients.MapRegisterClient();
        clients.MapListClients();
        clients.MapGetClient();
        clients.MapChangeClient();
        clients.MapRotateClientSecret();
        clients.MapIssueEnrolment();
        clients.MapEnrolClient();
        clients.MapDeleteClient();
        clients.MapAudit(ModuleName.Value, IdentityPolicies.ClientsManage, "ReadClientsAudit");
        clients.MapOwnAudit("me/audit", ModuleName.Value, IdentityPolicies.OwnClient, "ReadOwnClientAudit");
    }

    private static AsyncServiceScope CreateScope(IServiceProvider services, string verb) => services.GetService<KeyRing>() is null
        ? throw new ConfigurationException($"The verb {verb} needs the module Identity, which Modules:Enabled does not include.")
        : services.CreatePatientScope();
}
