using Idoven.Identity.Infrastructure;
using Idoven.Identity.Keys;
using Idoven.Identity.TokenServer.Clients;
using Idoven.Shared.Data.Configuration;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Cors;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenIddict.Abstractions;
using OpenIddict.EntityFrameworkCore.Models;
using OpenIddict.Server;

namespace Idoven.Identity.TokenServer;

internal static class TokenServerExtensions
{
    private static readonly TimeSpan CodeLifetime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan DeviceCodeLifetime = TimeSpan.FromMinutes(10);
    internal static readonly TimeSpan RefreshTokenLifetime = TimeSpan.FromDays(14);

    /// <summary>Adds OpenIddict, which uses the tables of this module and the keys of <see cref="KeyRing"/>.</summary>
    public static void AddTokenServer(this IHostApplicationBuilder builder)
    {
        var issuer = Issuer(builder.Configuration);
        var accessTokenLifetime = AccessTokenLifetime.Read(builder.Configuration["Auth:AccessTokenLifetime"])
            ?? throw new ConfigurationException("Auth:AccessTokenLifetime: give 1 to 60 minutes, such as 00:10:00.");
        builder.Services.AddOpenIddict()
            .AddCore(core =>
            {
                core.UseEntityFrameworkCore().UseDbContext<IdentityDbContext>().ReplaceDefaultEntities<Guid>();
                core.ReplaceApplicationManager<OpenIddictEntityFrameworkCoreApplication<Guid>, ClientManager>();
                core.ReplaceTokenManager<OpenIddictEntityFrameworkCoreToken<Guid>, TokenStore>();
            })
            .AddServer(server =>
            {
                server.SetIssuer(issuer);
                server.SetTokenEndpointUris("connect/token").SetRevocationEndpointUris("connect/revoke");
                server.SetAuthorizationEndpointUris("connect/authorize").SetUserInfoEndpointUris("connect/userinfo")
                    .SetEndSessionEndpointUris("connect/logout").SetDeviceAuthorizationEndpointUris("connect/device")
                    .SetEndUserVerificationEndpointUris("connect/verify").SetIntrospectionEndpointUris("connect/introspect");
                server.AllowClientCredentialsFlow().AllowRefreshTokenFlow().AllowAuthorizationCodeFlow().AllowDeviceAuthorizationFlow()
                    .RequireProofKeyForCodeExchange();
                server.AddEventHandler(EndReplayedSignIn.Descriptor).AddEventHandler(ReturnErrorsToRedirectUri.Descriptor);
                server.RemoveEventHandler(OpenIddictServerHandlers.RedeemTokenEntry.Descriptor);
                server.AddEventHandler(RedeemToken.Descriptor).AddEventHandler(CommitRefresh.Descriptor);
                server.AddEventHandler(AddClientGeneration.Descriptor).AddEventHandler(RejectRevokedTokens.Descriptor);
                server.AddEventHandler(AcceptUntypedAssertions.Descriptor).AddEventHandler(UseAssertionOnce.Descriptor);
                server.AddEventHandler(AllowClientOrigin.Descriptor);
                server.AddEventHandler(LimitPolling.Descriptor).AddEventHandler(ReturnPollingInterval.Descriptor)
                    .AddEventHandler(NormalizeUserCode.Descriptor);
                server.RemoveEventHandler(OpenIddictServerHandlers.Introspection.ValidateAuthorizedParty.Descriptor);
                server.AddEventHandler(AddIntrospectionClaims.Descriptor).AddEventHandler(ReportInvalidTokensInactive.Descriptor);
                server.AddEventHandler(UniformClientError<OpenIddictServerEvents.ApplyTokenResponseContext>.Descriptor)
                    .AddEventHandler(UniformClientError<OpenIddictServerEvents.ApplyDeviceAuthorizationResponseContext>.Descriptor)
                    .AddEventHandler(UniformClientError<OpenIddictServerEvents.ApplyIntrospectionResponseContext>.Descriptor)
                    .AddEventHandler(UniformClientError<OpenIddictServerEvents.ApplyRevocationResponseContext>.Descriptor)
                    .AddEventHandler(UniformClientError<OpenIddictServerEvents.ApplyUserInfoResponseContext>.Descriptor)
                    .AddEventHandler(UniformClientError<OpenIddictServerEvents.ApplyAuthorizationResponseContext>.Descriptor);
                server.AddEventHandler(RejectInvalidForms<OpenIddictServerEvents.ExtractTokenRequestContext>.Descriptor)
                    .AddEventHandler(RejectInvalidForms<OpenIddictServerEvents.ExtractDeviceAuthorizationRequestContext>.Descriptor)
                    .AddEventHandler(RejectInvalidForms<OpenIddictServerEvents.ExtractIntrospectionRequestContext>.Descriptor)
                    .AddEventHandler(RejectInvalidForms<OpenIddictServerEvents.ExtractRevocationRequestContext>.Descriptor);
                server.AddEventHandler(NormalizeParameters<OpenIddictServerEvents.ExtractAuthorizationRequestContext>.Descriptor)
                    .AddEventHandler(NormalizeParameters<OpenIddictServerEvents.ExtractTokenRequestContext>.Descriptor)
                    .AddEventHandler(NormalizeParameters<OpenIddictServerEvents.ExtractDeviceAuthorizationRequestContext>.Descriptor)
                    .AddEventHandler(NormalizeParameters<OpenIddictServerEvents.ExtractEndUserVerificationRequestContext>.Descriptor)
                    .AddEventHandler(NormalizeParameters<OpenIddictServerEvents.ExtractIntrospectionRequestContext>.Descriptor)
                    .AddEventHandler(NormalizeParameters<OpenIddictServerEvents.ExtractRevocationRequestContext>.Descriptor)
                    .AddEventHandler(NormalizeParameters<OpenIddictServerEvents.ExtractUserInfoRequestContext>.Descriptor)
                    .AddEventHandler(NormalizeParameters<OpenIddictServerEvents.ExtractEndSessionRequestContext>.Descriptor);
                server
                    .AddEventHandler(RejectScopes<OpenIddictServerEvents.ValidateTokenRequestContext>.Before(
                        OpenIddictServerHandlers.Exchange.ValidateScopePermissions.Descriptor))
                    .AddEventHandler(RejectScopes<OpenIddictServerEvents.ValidateAuthorizationRequestContext>.Before(
                        OpenIddictServerHandlers.Authentication.ValidateScopePermissions.Descriptor))
                    .AddEventHandler(RejectScopes<OpenIddictServerEvents.ValidateDeviceAuthorizationRequestContext>.Before(
                        OpenIddictServerHandlers.Device.ValidateScopePermissions.Descriptor));
                server.AddEventHandler(CheckCodeChallenge.Descriptor);
                server.AddEventHandler(ReturnScopes.Descriptor);
                server.AddEventHandler(CompleteDiscovery.Descriptor);

                // Consonants only: no digit can be mistaken for a letter, and no word appears by chance. A code is one of 20 to the 8th
                // and expires after ten minutes.
                server.SetUserCodeCharset([.. "BCDFGHJKLMNPQRSTVWXZ".Select(letter => letter.ToString())])
                    .SetUserCodeLength(8).SetUserCodeDisplayFormat("{0}{1}{2}{3}-{4}{5}{6}{7}");
                server.SetDeviceCodeLifetime(DeviceCodeLifetime).SetUserCodeLifetime(DeviceCodeLifetime);
                foreach (var descriptor in AuditTokenRequests.Descriptors)
                {
                    server.AddEventHandler(descriptor);
                }

                CacheDiscoveryDocuments.AddTo(server);
                server.Configure(options =>
                {
                    // A plain challenge proves nothing, and a code in a fragment or a form post needs a script to reach the server.
                    options.CodeChallengeMethods.Remove(OpenIddictConstants.CodeChallengeMethods.Plain);
                    options.ResponseModes.RemoveWhere(mode => mode != OpenIddictConstants.ResponseModes.Query);
                });
                server.SetAuthorizationCodeLifetime(CodeLifetime).SetAccessTokenLifetime(accessTokenLifetime.Value)
                    .SetRefreshTokenLifetime(RefreshTokenLifetime).SetRefreshTokenReuseLeeway(RefreshTokens.RetryWindow);
                server.DisableAccessTokenEncryption();
                server.Services.AddOptions<OpenIddictServerOptions>().Configure<AccessRules>((options, access) =>
                    options.Scopes.UnionWith(access.Scopes.Select(scope => scope.Name)));
                var http = server.UseAspNetCore().EnableErrorPassthrough()
                    .EnableTokenEndpointPassthrough().EnableAuthorizationEndpointPassthrough().EnableUserInfoEndpointPassthrough()
                    .EnableEndSessionEndpointPassthrough().EnableEndUserVerificationEndpointPassthrough();
                if (issuer.Scheme == Uri.UriSchemeHttp)
                {
                    http.DisableTransportSecurityRequirement();
                }
            });
        builder.Services.AddScoped<RefreshTokens>();
        builder.Services.AddSingleton<ICrossOriginRule, ClientOrigins>();
        builder.Services.AddOptions<OpenIddictServerOptions>().Configure<KeyRing>((options, ring) => ring.Apply(options));
        builder.Services.AddOptions<OpenIddictServerOptions>().Configure<DemoAccess>((options, demo) =>
        {
            if (demo.IsAllowed)
            {
                options.GrantTypes.Add(OpenIddictConstants.GrantTypes.Password);
            }
        });
    }

    internal static Uri Issuer(IConfiguration configuration) =>
        Uri.TryCreate(configuration["Auth:Issuer"], UriKind.Absolute, out var issuer)
            ? issuer
            : throw new ConfigurationException(
                "Auth:Issuer is not set: give the public URL of this host, such as https://ecg.example.org/.");
}
