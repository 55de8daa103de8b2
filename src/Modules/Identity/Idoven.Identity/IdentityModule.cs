using Idoven.Identity.Api;
using Idoven.Identity.Api.Pages;
using Idoven.Identity.Application;
using Idoven.Identity.Consumers;
using Idoven.Identity.Contracts;
using Idoven.Identity.Domain;
using Idoven.Identity.Infrastructure;
using Idoven.Identity.Infrastructure.Accounts;
using Idoven.Identity.Infrastructure.Keys;
using Idoven.Identity.Infrastructure.Mail;
using Idoven.Identity.Infrastructure.TokenServer;
using Idoven.Shared.Audit;
using Idoven.Shared.Configuration;
using Idoven.Shared.Http;
using Idoven.Shared.Http.Contract;
using Idoven.Shared.Http.Idempotency;
using Idoven.Shared.Messaging;
using Idoven.Shared.Persistence;
using Idoven.Users.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Idoven.Identity;

/// <summary>Identity: accounts, sessions, clients, and the OAuth2 token server. Others see only OAuth2 and OpenID Connect.</summary>
public static class IdentityModule
{
    internal const string Name = "identity";

    public static void AddIdentity(this IHostApplicationBuilder builder)
    {
        builder.AddModuleDatabase<IdentityDbContext>(Name);
        builder.AddModuleMessaging<IdentityDbContext>(Name, contracts => contracts
            .Message<AccountActivated>()
            .Message<SessionsRevoked>()
            .Message<OwnerErased>()
            .Message<ClientDeleted>());
        builder.AddRevocations<IdentityDbContext>(Name, Audiences.Identity, RevokeSessionsConsumer.Queue);

        builder.AddKeys();

        builder.Services.AddSingleton<IPasswordHasher<Account>, Argon2idPasswordHasher>();
        builder.Services.AddSingleton<DummyVerifier>();
        builder.Services.AddSingleton<HashingGate>();
        builder.Services.AddIdentityCore<Account>().AddEntityFrameworkStores<IdentityDbContext>();
        builder.Services.AddScoped<IAccounts, StoredAccounts>();
        builder.Services.AddScoped<IAccountChanges, StoredAccounts>();
        builder.Services.AddScoped<CurrentPlace>();
        builder.Services.AddScoped<ISessions, StoredSessions>();
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddSingleton(builder.Configuration.Read<GuessOptions>("Guesses"));
        builder.Services.AddSingleton<IOrigin>(services => services.GetRequiredService<RequestOrigin>());
        builder.Services.AddSingleton<IGuesses, StoredGuesses>();
        builder.Services.AddSingleton<WaitingRoom>();
        builder.Services.AddScoped<PasswordCheck>();
        builder.Services.AddScoped<ISecondFactors, StoredSecondFactors>();
        builder.Services.AddScoped<IOneTimeTokens, StoredOneTimeTokens>();
        builder.Services.AddSingleton(SecondFactorRule.Read(builder.Configuration["Auth:RequireSecondFactor"])
            ?? throw new ConfigurationException("Auth:RequireSecondFactor is none of: none, admins, everybody."));
        builder.Services.AddSingleton(SessionLifetime.Read(builder.Configuration["Auth:SessionLifetime"])
            ?? throw new ConfigurationException("Auth:SessionLifetime: give an hour to 1000 days, such as 180.00:00:00."));
        builder.Services.AddScoped<ISecondSteps, SecondSteps>();
        builder.Services.AddScoped<SignInHandler>();
        builder.Services.AddScoped<SecondStepHandler>();
        builder.Services.AddScoped<AllowDeviceHandler>();
        builder.Services.AddScoped<ChangeSecondFactorHandler>();
        builder.Services.AddScoped<VerifyEmailHandler>();
        builder.Services.AddScoped<RecoverHandler>();
        builder.Services.AddScoped<CreateAccountHandler>();
        builder.Services.AddScoped<IssueActivationHandler>();
        builder.Services.AddScoped<ChangeAccountHandler>();
        builder.Services.AddScoped<DeleteAccountHandler>();
        builder.Services.AddScoped<ActivateAccountHandler>();
        builder.Services.AddScoped<ChangePasswordHandler>();
        builder.Services.AddScoped<EndSessionHandler>();
        builder.Services.AddScoped<EndAllSessionsHandler>();
        builder.Services.AddScoped<IClients, StoredClients>();
        builder.Services.AddIdempotency<IdentityDbContext>();
        builder.AddAudit<IdentityDbContext>(Name);
        builder.Services.AddScoped<RegisterClientHandler>();
        builder.Services.AddScoped<RotateClientSecretHandler>();
        builder.Services.AddScoped<ChangeClientHandler>();
        builder.Services.AddScoped<GrantScopesHandler>();
        builder.Services.AddScoped<DeleteClientHandler>();

        builder.Services.AddSingleton(SmtpSettings.Read(builder.Configuration));
        builder.Services.AddSingleton<Postman>();
        builder.Services.AddSingleton<LetterRound>();
        builder.Services.AddScoped<INotices, StoredNotices>();
        builder.Services.AddScoped<IDueWork<IdentityDbContext>, SendLetters>();

        builder.AddTokenServer();
        builder.Services.AddSingleton<IDueWork<IdentityDbContext>, PruneTokens>();
        builder.Services.AddOutlived<IdentityDbContext>("sessions", "id", "last_used_at < now() - interval '30 days'");
        builder.Services.AddOutlived<IdentityDbContext>("guesses", "key", "last_at < now() - interval '1 day'");
        builder.Services.AddOutlived<IdentityDbContext>("one_time_tokens", "token_hash", "expires_at < now() - interval '1 day'");
        builder.Services.AddOutlived<IdentityDbContext>("activations", "user_id", "expires_at < now() - interval '30 days'");
        builder.Services.AddScoped<IConsents, StoredConsents>();
        builder.Services.AddSingleton<Forms>();
        builder.Services.AddSingleton<WrongUserCodes>();
        var isSecure = TokenServerExtensions.Issuer(builder.Configuration).Scheme == Uri.UriSchemeHttps;
        BrowserSession.Add(builder.Services, isSecure);
        builder.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<RequestOrigin>(services, isSecure));
        if (TokenServerExtensions.AllowsPasswords(builder))
        {
            builder.Services.AddScoped<IDevelopmentSeed, SeedDemoAccounts>();
        }
    }

    public static void AddIdentityConsumers(this BusBuilder bus) => bus.Module<IdentityDbContext>()
        .Consume<CreateAccountConsumer, UserRegistered>("identity-create-account")
        .Consume<IssueActivationConsumer, ActivationIssued>("identity-issue-activation")
        .Consume<ChangeAccountConsumer, UserChanged>("identity-change-account")
        .Consume<DeleteAccountConsumer, UserDeleted>("identity-delete-account")
        .Consume<RevokeSessionsConsumer, SessionsRevoked>(RevokeSessionsConsumer.Queue);

    /// <summary>The verb <c>client</c> of the host program, which works while hosts run: machine clients, and what is granted on the host only.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="ConfigurationException">The module is not part of this host.</exception>
    public static async Task<int> RunClientVerb(IServiceProvider services, string[] words, TextReader input, TextWriter output, TextWriter errors, CancellationToken ct)
    {
        await using var scope = Scope(services, "client");
        return await ActivatorUtilities.CreateInstance<ClientVerb>(scope.ServiceProvider).Run(words, input, output, errors, ct);
    }

    /// <summary>The verb <c>account</c>, likewise: for who has lost every way into an account.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="ConfigurationException">The module is not part of this host.</exception>
    public static async Task<int> RunAccountVerb(IServiceProvider services, string[] words, TextWriter output, TextWriter errors, CancellationToken ct)
    {
        await using var scope = Scope(services, "account");
        return await ActivatorUtilities.CreateInstance<AccountVerb>(scope.ServiceProvider).Run(words, output, errors, ct);
    }

    /// <summary>The verb <c>keys</c> of the host program, which works while hosts run: what tokens are signed and sealed with.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="ConfigurationException">The module is not part of this host, or the master key does not open the keys.</exception>
    public static async Task<int> RunKeysVerb(IServiceProvider services, string[] words, TextWriter output, TextWriter errors, CancellationToken ct)
    {
        await using var scope = Scope(services, "keys");
        return await ActivatorUtilities.CreateInstance<KeysVerb>(scope.ServiceProvider).Run(words, output, errors, ct);
    }

    public static void MapIdentity(this IEndpointRouteBuilder app)
    {
        app.MapToken();
        app.MapAuthorize();
        app.MapVerify();
        app.MapUserInfo();
        app.MapLogout();
        app.MapOperations(Name, Policies.OperateIdentity);
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
        account.MapOwnAudit("audit", Name, Policies.OwnAccount, "ReadAccountAudit");
        var clients = app.MapGroup("/api/v1/clients").WithTags("Clients").Takes("id", "The client's id.", "\"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0f\"");
        clients.MapRegisterClient();
        clients.MapListClients();
        clients.MapGetClient();
        clients.MapChangeClient();
        clients.MapRotateClientSecret();
        clients.MapDeleteClient();
        clients.MapAudit(Name, Policies.ClientsManage, "ReadClientsAudit");
    }

    private static AsyncServiceScope Scope(IServiceProvider services, string verb) => services.GetService<KeyRing>() is null
        ? throw new ConfigurationException($"Modules:Enabled leaves Identity out, to which the verb {verb} belongs.")
        : services.CreateAsyncScope();
}
