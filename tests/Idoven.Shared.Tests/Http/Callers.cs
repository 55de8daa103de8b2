using System.Security.Claims;
using Idoven.Shared.Http;

namespace Idoven.Shared.Tests.Http;

/// <summary>Checked tokens of people and machine clients.</summary>
internal static class Callers
{
    public static ClaimsPrincipal Person(string? role, params string[] scopes) => Token(Guid.NewGuid().ToString(), role, scopes);

    public static ClaimsPrincipal Machine(params string[] scopes) => Token("client:gateway", role: null, scopes);

    public static ClaimsPrincipal Token(string subject, string? role, string[] scopes, string? authenticationType = "Bearer")
    {
        var identity = new ClaimsIdentity([new Claim("sub", subject), .. scopes.Select(scope => new Claim("scope", scope))], authenticationType);
        if (role is not null)
        {
            identity.AddClaim(new Claim("role", role));
        }

        return new ClaimsPrincipal(identity);
    }
}
