namespace Idoven.Users.Domain;

/// <summary>A person. The id is for ever; the role too: who is both user and admin has two accounts.</summary>
internal sealed class User
{
    public const int MaxUsernameLength = 64;
    public const int MaxEmailLength = 254;
    public const int MaxDisplayNameLength = 200;
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
        Require(username.Length is > 0 and <= MaxUsernameLength && username.All(IsOfName), nameof(username), $"1 to {MaxUsernameLength} of the letters a to z, digits and . _ - @ +");
        Require(email is null || IsEmail(email), nameof(email), "An e-mail address.");
        Require(displayName is null || (displayName.Length is > 0 and <= MaxDisplayNameLength && !displayName.Any(char.IsControl)), nameof(displayName), $"1 to {MaxDisplayNameLength} characters, no control characters.");
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

    /// <summary>Case alone makes no other name. More is not needed: identifiers are ASCII, for this runtime normalises no Unicode.</summary>
    public static string Normalize(string identifier) => identifier.ToUpperInvariant();

    private static bool IsOfName(char character) => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-' or '@' or '+';

    private static bool IsEmail(string text) =>
        text.Length <= MaxEmailLength && text.All(character => character is > ' ' and <= '~')
        && text.LastIndexOf('@') is > 0 and var at && at < text.Length - 1;

    private static void Require(bool holds, string what, string rule)
    {
        if (!holds)
        {
            throw new ArgumentException(rule, what);
        }
    }
}
