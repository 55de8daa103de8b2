using System.Text;
using Idoven.Users.Contracts;

namespace Idoven.Users.Domain;

/// <summary>A person. The id is for ever; the role too: who is both user and admin has two accounts.</summary>
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

    /// <summary>What uniqueness is judged by.</summary>
    public string NormalizedUsername { get; private set; } = "";

    public string? Email { get; private set; }

    public string? NormalizedEmail { get; private set; }

    public string? DisplayName { get; private set; }

    public string Role { get; private init; } = "";

    public bool IsEnabled { get; private set; }

    /// <summary>How often they were disabled: each time ends every session, also of who is enabled again before anybody has heard of it.</summary>
    public int TimesDisabled { get; private set; }

    /// <summary>When the account and its ECGs are erased, unless the user is enabled before; null if the user was not deleted.</summary>
    public DateTimeOffset? EraseAt { get; private set; }

    /// <summary>When its holder chose a password; null until then.</summary>
    public DateTimeOffset? ActivatedAt { get; private set; }

    /// <summary>When the activation token that was issued last ends.</summary>
    public DateTimeOffset? ActivationExpiresAt { get; private set; }

    /// <summary>Raised by every change; other modules ignore what is older than they have seen.</summary>
    public long Version { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    /// <param name="activation">How its holder will choose a password; null where the account has one from the start.</param>
    /// <exception cref="UserRuleException">A value breaks a rule.</exception>
    public static User Register(
        Guid id, string username, string? email, string? displayName, string role, Activation? activation, DateTimeOffset now)
    {
        Require(UserRole.All.Contains(role), "role", $"One of {string.Join(", ", UserRole.All)}.");
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

    /// <summary>Values that stay are not checked again: earlier versions accepted usernames and addresses that are rejected now.</summary>
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

    /// <summary>The user was deleted and is erased later: disabled until then. <see cref="SetEnabled"/> calls it off.</summary>
    public void ScheduleErasure(DateTimeOffset at)
    {
        SetEnabled(false);
        EraseAt = at;
    }

    /// <summary>A token was issued; the one before it ends.</summary>
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
    /// Case alone makes no other name. More is not needed: identifiers are ASCII, for this runtime normalises no Unicode.
    /// </summary>
    public static string Normalize(string identifier) => identifier.ToUpperInvariant();

    /// <summary>Whether it can be stored: no half of a surrogate pair, no NUL.</summary>
    public static bool IsText(string value) => !value.Contains('\0', StringComparison.Ordinal) && value.EnumerateRunes().All(rune => rune != Rune.ReplacementChar);

    private void SetUsername(string username)
    {
        Require(
            username.Length is > 0 and <= MaxUsernameLength && username.All(IsOfName),
            "username", $"1 to {MaxUsernameLength} of the letters a to z, digits and . _ - +");
        Username = username;
        NormalizedUsername = Normalize(username);
    }

    private void SetEmail(string? email)
    {
        var address = email is null ? null : EmailAddress.Parse(email);
        Require(
            (email is null) == (address is null),
            "email", $"An e-mail address of at most {MaxEmailLength} characters, such as ada@example.org.");
        Email = address;
        NormalizedEmail = address is null ? null : Normalize(address);
    }

    private void SetDisplayName(string? displayName)
    {
        Require(
            displayName is null || (displayName.Length is > 0 and <= MaxDisplayNameLength && IsText(displayName) && !displayName.Any(char.IsControl)),
            "displayName", $"1 to {MaxDisplayNameLength} characters, no control characters.");
        DisplayName = displayName;
    }

    /// <remarks>No @: an e-mail address signs in its verified holder, so it is never another user's name.</remarks>
    private static bool IsOfName(char character) => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-' or '+';

    private static void Require(bool holds, string member, string rule)
    {
        if (!holds)
        {
            throw new UserRuleException(member, rule);
        }
    }
}
