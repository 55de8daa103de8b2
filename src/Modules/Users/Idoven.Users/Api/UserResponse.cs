using System.Globalization;
using Idoven.Users.Domain;

namespace Idoven.Users.Api;

/// <param name="ActivatedAt">When the user chose a password; absent until then.</param>
internal record UserResponse(
    Guid Id, string Username, string? Email, string? DisplayName, string Role, bool Enabled, DateTimeOffset? ActivatedAt, DateTimeOffset CreatedAt)
{
    public static UserResponse Of(User user) =>
        new(user.Id, user.Username, user.Email, user.DisplayName, user.Role, user.IsEnabled, user.ActivatedAt, user.CreatedAt);

    /// <summary>What the ETag says of the user.</summary>
    public static string Version(long version) => version.ToString(CultureInfo.InvariantCulture);
}
