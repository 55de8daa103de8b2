using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Idoven.Users.Domain;

namespace Idoven.Users.Api;

/// <summary>Represents a user, for its administrators and for itself.</summary>
/// <param name="Id">The permanent id; the <c>sub</c> of the user's tokens.</param>
/// <param name="Username">The name to sign in with.</param>
/// <param name="Email">
/// The e-mail address, with which the user can also sign in after verifying it; null if there is none. An internationalised domain is in
/// its ASCII form.
/// </param>
/// <param name="DisplayName">The name to show for the user; null if there is none.</param>
/// <param name="Role">The role, which cannot be changed after the registration.</param>
/// <param name="Enabled">Whether the user may sign in.</param>
/// <param name="ActivatedAt">The time at which the user chose a password; null until then.</param>
/// <param name="CreatedAt">The time of the registration.</param>
/// <param name="EraseAt">
/// The time at which the account and its ECGs will be erased; null if the user was not deleted with a grace period.
/// </param>
internal record UserResponse(
    Guid Id, string Username, string? Email, string? DisplayName,
    [property: AllowedValues("user", "admin", "superadmin")] string Role, bool Enabled,
    DateTimeOffset? ActivatedAt, DateTimeOffset CreatedAt, DateTimeOffset? EraseAt)
{
    public const string Example =
        """
        {"id":"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0f","username":"ada","email":"ada@example.org","displayName":"Ada Lovelace",
        "role":"user","enabled":true,"activatedAt":null,"createdAt":"2026-11-23T09:15:00+00:00","eraseAt":null}
        """;

    public static UserResponse FromUser(User user) =>
        new(
            user.Id, user.Username, user.Email, user.DisplayName, user.Role, user.IsEnabled, user.ActivatedAt, user.CreatedAt,
            user.EraseAt);

    /// <summary>Returns the ETag of a version of the user.</summary>
    public static string Version(long version) => version.ToString(CultureInfo.InvariantCulture);
}
