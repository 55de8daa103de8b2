using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Idoven.Users.Domain;

namespace Idoven.Users.Api;

/// <summary>A user, as those may see it who administer it, and itself.</summary>
/// <param name="Id">For ever; the <c>sub</c> of its tokens.</param>
/// <param name="Username">What the user signs in with.</param>
/// <param name="Email">May be signed in with too, once verified; null where there is none. An internationalised domain is in its ASCII form.</param>
/// <param name="DisplayName">How the user is called; null where nothing was said.</param>
/// <param name="Role">Given at registration, for ever.</param>
/// <param name="Enabled">Whether the user may sign in.</param>
/// <param name="ActivatedAt">When the user chose a password; null until then.</param>
/// <param name="CreatedAt">When the user was registered.</param>
/// <param name="EraseAt">When the account and its ECGs are erased, after a deletion with a grace period; null if no erasure is due.</param>
internal record UserResponse(
    Guid Id, string Username, string? Email, string? DisplayName, [property: AllowedValues("user", "admin", "superadmin")] string Role, bool Enabled,
    DateTimeOffset? ActivatedAt, DateTimeOffset CreatedAt, DateTimeOffset? EraseAt)
{
    public const string Example =
        """
        {"id":"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0f","username":"ada","email":"ada@example.org","displayName":"Ada Lovelace","role":"user","enabled":true,
        "activatedAt":null,"createdAt":"2026-11-23T09:15:00+00:00","eraseAt":null}
        """;

    public static UserResponse FromUser(User user) =>
        new(
            user.Id, user.Username, user.Email, user.DisplayName, user.Role, user.IsEnabled, user.ActivatedAt, user.CreatedAt,
            user.EraseAt);

    /// <summary>What the ETag says of the user.</summary>
    public static string Version(long version) => version.ToString(CultureInfo.InvariantCulture);
}
