using System.Security.Claims;

namespace Idoven.Shared.Tests.Http;

/// <summary>Creates the principals of valid tokens of people and machine clients.</summary>
internal static class Callers
{
    private static readonly string[] Audiences = ["idoven.ecgs", "idoven.users", "idoven.identity"];

    public static ClaimsPrincipal Person(string? role, params string[] scopes) => Token(Guid.NewGuid().ToString(), role, scopes);

    public static ClaimsPrincipal Machine(params string[] scopes) => Token("client:gateway", role: null, scopes);

    /// <summary>Creates a token for every module.</summary>
    public static ClaimsPrincipal Token(string subject, string? role, string[] scopes, string? authenticationType = "Bearer") =>
        Token(subject, role, scopes, Audiences, authenticationType);

    public static ClaimsPrincipal Token(
        string subject, string? role, string[] scopes, IEnumerable<string> audiences, string? authenticationType = "Bearer")
    {
        var claims = scopes.Select(scope => new Claim("scope", scope)).Concat(audiences.Select(audience => new Claim("aud", audience)));
        var identity = new ClaimsIdentity([new Claim("sub", subject), .. claims], authenticationType);
        if (role is not null)
        {
            identity.AddClaim(new Claim("role", role));
        }

        return new ClaimsPrincipal(identity);
    }
}
