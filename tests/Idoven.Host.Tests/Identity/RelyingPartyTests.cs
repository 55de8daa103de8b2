using System.Net;
using System.Security.Claims;
using Idoven.Host.Tests.Parts;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Idoven.Host.Tests.Identity;

/// <summary>
/// Tests the third-party OpenID Connect client of ASP.NET Core, which checks discovery, id token, nonce, at_hash and iss.
/// </summary>
public sealed class RelyingPartyTests(RunningParts parts)
{
    [Fact]
    public async Task Web_application_signs_users_in_and_out()
    {
        var origin = new Uri($"http://127.0.0.1:{FreePort.Take()}");
        using var admin = await parts.Host.Admin();
        using var registered = await admin.PostAsync(TestClients.Route, TestUsers.Json(
            $$"""
              {"name":"Web application","scopes":["openid","profile","offline_access"],
               "redirectUris":["{{origin}}signin-oidc"],"postLogoutRedirectUris":["{{origin}}signout-callback-oidc"]}
              """));
        var client = System.Text.Json.JsonElement.Parse(await registered.Content.ReadAsStringAsync());
        await using var application = await Start(origin, client.ClientId(), (await parts.Host.Grant(client.ClientId(), "ecgs:read"))!);
        var person = await parts.Host.NewPerson();
        using var browser = new Browser(parts.Host);

        // The application redirects to the service, the user signs in and consents, and the service redirects back to the application.
        var sent = await browser.Get(new Uri(origin, "/me"));
        Assert.Equal(new Uri(parts.Settings.Issuer).Authority, sent.Location.Authority);
        var consent = await browser.SignIn(sent.Location.AbsoluteUri, person);
        Assert.Equal("Allow Web application?", consent.Heading);
        var back = await browser.Press(consent, "allow");
        var callback = await browser.Get(back.Location);
        Assert.Equal(HttpStatusCode.Redirect, callback.Status);
        var me = await browser.Get(callback.Location);
        Assert.Equal($"{person.Id} {person.Username}", me.Html);
        using var api = parts.Host.Client((await browser.Get(new Uri(origin, "/token"))).Html);
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync(EcgCalls.Route)).StatusCode);

        // The sign-out of the application also ends the session of the service.
        var logout = await browser.Get(new Uri(origin, "/sign-out"));
        var signedOut = await browser.Get(logout.Location);
        Assert.StartsWith($"{origin}signout-callback-oidc?state=", signedOut.Location.AbsoluteUri, StringComparison.Ordinal);
        Assert.Equal(new Uri(origin, "/"), (await browser.Get(signedOut.Location)).Location);
        await Eventually.Holds(async () => (await api.GetAsync(EcgCalls.Route)).StatusCode == HttpStatusCode.Unauthorized);
        Assert.Equal("Sign in", (await browser.Get((await browser.Get(new Uri(origin, "/me"))).Location)).Heading);
    }

    private async Task<WebApplication> Start(Uri origin, string clientId, string clientSecret)
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls", origin.AbsoluteUri]);
        builder.Logging.ClearProviders();
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        builder.Services.AddAuthorization();
        builder.Services.AddAuthentication(options =>
            {
                options.DefaultScheme = CookieAuthenticationDefaults.AuthenticationScheme;
                options.DefaultChallengeScheme = OpenIdConnectDefaults.AuthenticationScheme;
            })
            .AddCookie()
            .AddOpenIdConnect(options =>
            {
                (options.ClientId, options.ClientSecret) = (clientId, clientSecret);
                options.Authority = parts.Settings.Issuer;
                options.BackchannelHttpHandler = parts.Host.Handler();
                options.RequireHttpsMetadata = false;
                options.ResponseType = OpenIdConnectResponseType.Code;
                options.ResponseMode = OpenIdConnectResponseMode.Query;
                options.MapInboundClaims = false;
                options.GetClaimsFromUserInfoEndpoint = true;
                options.ClaimActions.MapUniqueJsonKey("preferred_username", "preferred_username");
                options.SaveTokens = true;
                options.Scope.Add("offline_access");
                options.Scope.Add("ecgs:read");

                // On loopback without TLS, browsers do not send cookies with SameSite=None.
                options.CorrelationCookie.SameSite = options.NonceCookie.SameSite = SameSiteMode.Lax;
                options.CorrelationCookie.SecurePolicy = options.NonceCookie.SecurePolicy = CookieSecurePolicy.None;
            });
        var app = builder.Build();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapGet("/me", (ClaimsPrincipal user) => $"{user.FindFirstValue("sub")} {user.FindFirstValue("preferred_username")}")
            .RequireAuthorization();
        app.MapGet("/token", async context => await context.Response.WriteAsync((await context.GetTokenAsync("access_token"))!))
            .RequireAuthorization();
        app.MapGet("/sign-out", () => Results.SignOut(
            new AuthenticationProperties { RedirectUri = "/" },
            [CookieAuthenticationDefaults.AuthenticationScheme, OpenIdConnectDefaults.AuthenticationScheme]));
        await app.StartAsync();
        return app;
    }
}
