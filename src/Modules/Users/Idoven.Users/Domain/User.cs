using System.Text;
using Idoven.Users.Contracts;

namespace Idoven.Users.Domain;

/// <summary>
/// Represents a registered user. The id and the role never change, so a person who is both user and administrator needs two accounts.
/// </summary>
internal sealed class User
{
    public const int MaxUsernameLength = 64;
    public const string UsernamePattern = "^[A-Za-z0-9._+-]+$";
    public const int MaxEmailLength = EmailAddress.MaxLength;
    public const int MaxDisplayNameLength = 200;

    private User()
    {
    }

    public Guid Id { get; private init; }

    public string Username { get; private set; } = "";

    /// <summary>Gets the form of the username that must be unique.</summary>
    public string NormalizedUsername { get; private set; } = "";

    public string? Email { get; private set; }

    public string? NormalizedEmail { get; private set; }

    public string? DisplayName { get; private set; }

    public string Role { get; private init; } = "";

    public bool IsEnabled { get; private set; }

    /// <summary>
    /// Gets how often the user was disabled. Each time ends all sessions, even if the user is enabled again before other modules notice.
    /// </summary>
    public int TimesDisabled { get; private set; }

    /// <summary>Gets the time at which the user will be erased, unless it is enabled before; null if the user was not deleted.</summary>
    public DateTimeOffset? EraseAt { get; private set; }

    /// <summary>Gets the time at which the user chose a password; null until then.</summary>
    public DateTimeOffset? ActivatedAt { get; private set; }

    /// <summary>Gets the time at which the latest activation token expires; null if there is none.</summary>
    public DateTimeOffset? ActivationExpiresAt { get; private set; }

    /// <summary>Gets the version, which every change raises. Other modules ignore messages with an older version.</summary>
    public long Version { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    /// <param name="activation">The activation with which the user will choose a password; null if the account already has one.</param>
    /// <exception cref="UserRuleException">A value breaks a rule.</exception>
    public static User Register(
        Guid id, string username, string? email, string? displayName, string role, Activation? activation, DateTimeOffset now)
    {
        Require(UserRole.All.Contains(role), "role", $"Must be one of {string.Join(", ", UserRole.All)}.");
        var user = new User
        {
            Id = id,
            Role = role,
            IsEnabled = true,
            ActivatedAt = activation is null ? now : null,
            ActivationExpiresAt = activation?.ExpiresAt,
            Version = 1,
            CreatedAt = now,
        };
        user.SetUsername(username);
        user.SetEmail(email);
        user.SetDisplayName(displayName);
        return user;
    }

    /// <summary>Changes the contact data. Unchanged values are not checked, because earlier versions had weaker rules.</summary>
    /// <exception cref="UserRuleException">A new value breaks a rule.</exception>
    public void ChangeContact(string username, string? email, string? displayName)
    {
        if (username != Username)
        {
            SetUsername(username);
        }

        if (email != Email)
        {
            SetEmail(email);
        }

        SetDisplayName(displayName);
        Version++;
    }

    public void SetEnabled(bool isEnabled)
    {
        TimesDisabled += IsEnabled && !isEnabled ? 1 : 0;
        IsEnabled = isEnabled;
        EraseAt = isEnabled ? null : EraseAt;
        Version++;
    }

    /// <summary>Disables a deleted user until it is erased. <see cref="SetEnabled"/> cancels the erasure.</summary>
    public void ScheduleErasure(DateTimeOffset at)
    {
        SetEnabled(false);
        EraseAt = at;
    }

    /// <summary>Records that an activation token was issued, which replaces the previous one.</summary>
    public void RecordActivationIssued(Activation activation)
    {
        ActivationExpiresAt = activation.ExpiresAt;
        Version++;
    }

    public void Activate(DateTimeOffset at)
    {
        ActivatedAt = at;
        ActivationExpiresAt = null;
        Version++;
    }

    /// <summary>
    /// Returns whether this user is the last superadmin who can sign in. That user is neither disabled nor deleted, because no user could
    /// administer the others then.
    /// </summary>
    /// <param name="superadmins">All superadmins.</param>
    public bool IsLastSuperadminOf(IReadOnlyList<User> superadmins) =>
        Role == UserRole.Superadmin && !superadmins.Any(other => other.Id != Id && other is { IsEnabled: true, ActivatedAt: not null });

    /// <summary>
    /// Returns the form in which identifiers are compared, without regard to case. Identifiers are ASCII, because the runtime is built
    /// without Unicode normalization.
    /// </summary>
    public static string Normalize(string identifier) => identifier.ToUpperInvariant();

    /// <summary>Returns whether a text can be stored: it has no NUL and no unpaired surrogate.</summary>
    public static bool IsText(string value) =>
        !value.Contains('\0', StringComparison.Ordinal) && value.EnumerateRunes().All(rune => rune != Rune.ReplacementChar);

    private void SetUsername(string username)
    {
        Require(
            username.Length is > 0 and <= MaxUsernameLength && username.All(IsUsernameCharacter),
            "username", $"Must have 1 to {MaxUsernameLength} of the letters a to z, digits and . _ - +");
        Username = username;
        NormalizedUsername = Normalize(username);
    }

    private void SetEmail(string? email)
    {
        var address = email is null ? null : EmailAddress.Parse(email);
        Require(
            (email is null) == (address is null),
            "email", $"Must be an e-mail address of at most {MaxEmailLength} characters, such as ada@example.org.");
        Email = address;
        NormalizedEmail = address is null ? null : Normalize(address);
    }

    private void SetDisplayName(string? displayName)
    {
        Require(
            displayName is null
                || (displayName.Length is > 0 and <= MaxDisplayNameLength && IsText(displayName) && !displayName.Any(char.IsControl)),
            "displayName", $"Must have 1 to {MaxDisplayNameLength} characters without control characters.");
        DisplayName = displayName;
    }

    /// <remarks>@ is not allowed, because the user that verified an e-mail address signs in with it.</remarks>
    private static bool IsUsernameCharacter(char character) =>
        char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-' or '+';

    private static void Require(bool holds, string member, string rule)
    {
        if (!holds)
        {
            throw new UserRuleException(member, rule);
        }
    }
}
