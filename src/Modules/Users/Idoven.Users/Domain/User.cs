using System.Globalization;

namespace Idoven.Users.Domain;

/// <summary>A person. The id is for ever; the role too: who is both user and admin has two accounts.</summary>
internal sealed class User
{
    public const int MaxUsernameLength = 64;
    public const int MaxEmailLength = 254;
    private static readonly string[] Roles = ["user", "admin", "superadmin"];

    private User()
    {
    }

    public Guid Id { get; private init; }

    public string Username { get; private init; } = "";

    /// <summary>What uniqueness is judged by.</summary>
    public string NormalizedUsername { get; private init; } = "";

    public string? Email { get; private init; }

    public string? NormalizedEmail { get; private init; }

    public string? DisplayName { get; private init; }

    public string Role { get; private init; } = "";

    public bool IsEnabled { get; private init; }

    /// <summary>Raised by every change; other modules ignore what is older than they have seen.</summary>
    public long Version { get; private init; }

    public DateTimeOffset CreatedAt { get; private init; }

    /// <exception cref="ArgumentException">A value breaks a rule; the message is for whoever sent it.</exception>
    public static User Register(Guid id, string username, string? email, string? displayName, string role, DateTimeOffset now)
    {
        Require(username.Length is > 0 and <= MaxUsernameLength, nameof(username), $"1 to {MaxUsernameLength} characters.");
        Require(!username.Any(character => char.IsControl(character) || char.IsWhiteSpace(character)), nameof(username), "No white space, no control characters.");
        Require(email is null || (email.Length <= MaxEmailLength && email.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && at < email.Length - 1), nameof(email), "An e-mail address.");
        Require(Roles.Contains(role), nameof(role), $"One of {string.Join(", ", Roles)}.");
        return new User
        {
            Id = id,
            Username = username,
            NormalizedUsername = Normalize(username),
            Email = email,
            NormalizedEmail = email is null ? null : Normalize(email),
            DisplayName = displayName,
            Role = role,
            IsEnabled = true,
            Version = 1,
            CreatedAt = now,
        };
    }

    /// <summary>Compatibility form (NFKC), upper case: names that look alike to a reader are the same name.</summary>
    public static string Normalize(string identifier) => identifier.Normalize(System.Text.NormalizationForm.FormKC).ToUpper(CultureInfo.InvariantCulture);

    private static void Require(bool holds, string what, string rule)
    {
        if (!holds)
        {
            throw new ArgumentException(rule, what);
        }
    }
}
