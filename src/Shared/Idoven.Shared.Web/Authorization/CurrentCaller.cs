using System.Globalization;
using System.Security.Claims;

namespace Idoven.Shared.Web.Authorization;

/// <summary>Represents the caller that a valid access token identifies.</summary>
public sealed class CurrentCaller(ClaimsPrincipal token)
{
    private const string MachinePrefix = "client:";

    /// <summary>Gets the immutable <c>sub</c>: a user's id, or <c>client:&lt;id&gt;</c> of a machine client.</summary>
    public string Subject { get; } = token.FindFirst("sub")?.Value ?? "";

    /// <summary>Gets the client that the token was issued to.</summary>
    public string? ClientId { get; } = token.FindFirst("client_id")?.Value;

    /// <summary>Gets what identifies the subject together with the client, as for a share of a resource.</summary>
    public string Key => $"{Subject}\n{ClientId}";

    /// <summary>Gets the session that the token belongs to (<c>sid</c>).</summary>
    public string? SessionId { get; } = token.FindFirst("sid")?.Value;

    /// <summary>Gets the time of the last sign-in (<c>auth_time</c>); null for a machine client.</summary>
    public DateTimeOffset? SignedInAt { get; } =
        long.TryParse(token.FindFirst("auth_time")?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    /// <summary>Gets the role of the user; null for a machine client.</summary>
    public string? Role { get; } = token.FindFirst("role")?.Value;

    /// <summary>Gets whether the caller is a machine client.</summary>
    public bool IsMachine => IsMachineSubject(Subject);

    /// <summary>Gets the id by which audit entries name the caller as their target: a user's id, or a machine client's id.</summary>
    public string Id => IsMachine ? Subject[MachinePrefix.Length..] : Subject;

    public static bool IsMachineSubject(string? subject) => subject?.StartsWith(MachinePrefix, StringComparison.Ordinal) == true;

    /// <summary>Gets the modules that the token is for: those of its scopes.</summary>
    public IReadOnlySet<string> Audiences { get; } = token.FindAll("aud").Select(claim => claim.Value).ToHashSet();

    /// <summary>Gets the granted scopes, from one claim with spaces or from one claim each.</summary>
    public IReadOnlySet<string> Scopes { get; } = token.FindAll("scope").SelectMany(claim => claim.Value.Split(' ')).ToHashSet();
}
