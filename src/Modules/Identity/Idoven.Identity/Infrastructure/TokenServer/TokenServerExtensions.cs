using Idoven.Identity.Infrastructure.Keys;
using Idoven.Shared.Configuration;
using Idoven.Shared.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenIddict.Abstractions;
using OpenIddict.Server;

namespace Idoven.Identity.Infrastructure.TokenServer;

internal static class TokenServerExtensions
{
    private static readonly TimeSpan CodeLifetime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AccessTokenLifetime = TimeSpan.FromMinutes(10);
    internal static readonly TimeSpan RefreshTokenLifetime = TimeSpan.FromDays(14);

    /// <summary>OpenIddict on the module's own tables, with the keys of the ring.</summary>
    public static void AddTokenServer(this IHostApplicationBuilder builder)
    {
        var issuer = Issuer(builder.Configuration);
        builder.Services.AddOpenIddict()
            .AddCore(core =>
            {
                core.UseEntityFrameworkCore().UseDbContext<IdentityDbContext>().ReplaceDefaultEntities<Guid>();
                core.ReplaceApplicationManager<OpenIddict.EntityFrameworkCore.Models.OpenIddictEntityFrameworkCoreApplication<Guid>, Clients>();
            })
            .AddServer(server =>
            {
                server.SetIssuer(issuer);
                server.SetTokenEndpointUris("connect/token").SetRevocationEndpointUris("connect/revoke");
                server.SetAuthorizationEndpointUris("connect/authorize").SetUserInfoEndpointUris("connect/userinfo").SetEndSessionEndpointUris("connect/logout");
                server.AllowClientCredentialsFlow().AllowRefreshTokenFlow().AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange();
                server.AddEventHandler(EndReplayedSignIn.Descriptor).AddEventHandler(AnswerAtRedirectUri.Descriptor);
                LetDocumentsBeKept.AddTo(server);
                server.Configure(options =>
                {
                    // A challenge in clear proves nothing; a code in a fragment or in a form needs a script to arrive.
                    options.CodeChallengeMethods.Remove(OpenIddictConstants.CodeChallengeMethods.Plain);
                    options.ResponseModes.RemoveWhere(mode => mode != OpenIddictConstants.ResponseModes.Query);
                });
                if (AllowsPasswords(builder))
                {
                    server.AllowPasswordFlow();
                }

                server.SetAuthorizationCodeLifetime(CodeLifetime).SetAccessTokenLifetime(AccessTokenLifetime).SetRefreshTokenLifetime(RefreshTokenLifetime).SetRefreshTokenReuseLeeway(TimeSpan.Zero);
                server.DisableAccessTokenEncryption();
                server.RegisterScopes(
                    Scopes.EcgsRead, Scopes.EcgsWrite, Scopes.UsersRead, Scopes.UsersWrite, Scopes.ClientsManage, Scopes.Operations,
                    Scopes.EventsRead, Scopes.InsightsReadAny, Scopes.OpenId, OpenIddictConstants.Scopes.Profile, OpenIddictConstants.Scopes.OfflineAccess);
                var http = server.UseAspNetCore().EnableErrorPassthrough()
                    .EnableTokenEndpointPassthrough().EnableAuthorizationEndpointPassthrough().EnableUserInfoEndpointPassthrough()
                    .EnableEndSessionEndpointPassthrough();
                if (issuer.Scheme == Uri.UriSchemeHttp)
                {
                    http.DisableTransportSecurityRequirement();
                }
            });
        builder.Services.AddOptions<OpenIddictServerOptions>().Configure<KeyRing>((options, ring) => ring.Apply(options));
    }

    /// <summary>The password grant and the demo accounts exist for development on one's own machine, nowhere else.</summary>
    public static bool AllowsPasswords(IHostApplicationBuilder builder) =>
        builder.Environment.IsDevelopment() && Issuer(builder.Configuration).IsLoopback;

    internal static Uri Issuer(IConfiguration configuration) =>
        Uri.TryCreate(configuration["Auth:Issuer"], UriKind.Absolute, out var issuer)
            ? issuer
            : throw new ConfigurationException("Auth:Issuer is not set: give the public URL of this host, such as https://ecg.example.org/.");
}
