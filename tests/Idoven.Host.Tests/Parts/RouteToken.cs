using System.Security.Claims;
using Idoven.Shared.Web.Authorization;
using Idoven.Users.Contracts;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Idoven.Host.Tests.Parts;

/// <summary>Represents the claims of a token that a route accepts, signed with the host's own key; its subject does not exist.</summary>
internal sealed record RouteToken(string Scope, string Audience, string Subject, string? Role, string Client, string Session)
{
    public IEnumerable<Claim> Claims =>
    [
        new("sub", Subject), new("client_id", Client), new("scope", Scope), new("sid", Session),
        new("gen", "0", ClaimValueTypes.Integer32), .. Role is null
            ? Array.Empty<Claim>()
            : [new("role", Role), new("cgen", "0", ClaimValueTypes.Integer32)],
    ];

    public static async Task<RouteToken> For(RunningHost host, RouteEndpoint route)
    {
        await using var scope = host.Services.CreateAsyncScope();
        var name = route.Metadata.GetMetadata<IAuthorizeData>()!.Policy!;
        var policy = (await scope.ServiceProvider.GetRequiredService<IAuthorizationPolicyProvider>().GetPolicyAsync(name))!;
        var authorization = scope.ServiceProvider.GetRequiredService<IAuthorizationService>();
        var right = host.Services.GetRequiredService<AccessRules>().FindScopes(name)[0];
        foreach (var role in new[] { null, UserRole.User, UserRole.Superadmin })
        {
            var client = Guid.CreateVersion7().ToString();
            var token = new RouteToken(
                right,
                policy.AuthenticationSchemes[0],
                role is null ? $"client:{client}" : Guid.CreateVersion7().ToString(),
                role,
                client,
                Guid.NewGuid().ToString());
            var identity = new ClaimsIdentity([.. token.Claims, new("aud", token.Audience)], "test");
            if ((await authorization.AuthorizeAsync(new ClaimsPrincipal(identity), policy)).Succeeded)
            {
                return token;
            }
        }

        throw new InvalidOperationException($"No caller may use {AccessTests.Name(route)}.");
    }

    public string Make(RunningHost host, string issuer, Action<SecurityTokenDescriptor>? alter = null)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var descriptor = new SecurityTokenDescriptor
        {
            TokenType = "at+jwt",
            Issuer = issuer,
            Audience = Audience,
            NotBefore = now.AddSeconds(-1),
            IssuedAt = now.AddSeconds(-1),
            Expires = now.AddMinutes(10),
            Subject = new ClaimsIdentity(Claims),
            SigningCredentials = new SigningCredentials(
                host.Services.GetRequiredService<IssuerKeys>().Keys.First(), SecurityAlgorithms.RsaSsaPssSha256),
        };
        alter?.Invoke(descriptor);
        return new JsonWebTokenHandler().CreateToken(descriptor);
    }
}
