using System.Security.Claims;
using Idoven.Ecgs.Contracts;
using Idoven.Shared.Web.Authorization;
using Idoven.Users.Contracts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Idoven.Host.Tests.Parts;

/// <summary>Creates tokens signed with the host's own key, so that thousands of owners need no password hash.</summary>
internal static class HandMadeToken
{
    public static string Create(RunningHost host, string issuer, Guid user, params (string Type, string Value)[] more) =>
        Create(host, issuer, user, EcgsScopes.Audience, "ecgs:read ecgs:write", more);

    public static string Create(
        RunningHost host, string issuer, Guid user, string audience, string scope, params (string Type, string Value)[] more)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            TokenType = "at+jwt",
            Issuer = issuer,
            Audience = audience,
            NotBefore = now,
            IssuedAt = now,
            Expires = now.AddMinutes(10),
            Subject = new ClaimsIdentity(
            [
                new("sub", user.ToString()), new("client_id", "by-hand"), new("scope", scope), new("role", UserRole.User),
                new("gen", "0", ClaimValueTypes.Integer32), .. more.Select(claim => new Claim(claim.Type, claim.Value)),
            ]),
            SigningCredentials = new SigningCredentials(
                host.Services.GetRequiredService<IssuerKeys>().Keys.First(), SecurityAlgorithms.RsaSsaPssSha256),
        });
    }
}
