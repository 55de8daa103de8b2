using System.Globalization;
using System.Text;

namespace Idoven.Users.Domain;

/// <summary>A person. The id is for ever; the role too: who is both user and admin has two accounts.</summary>
internal sealed class User
{
    public const int MaxUsernameLength = 64;
    public const string UsernamePattern = "^[A-Za-z0-9._@+-]+$";
    public const int MaxEmailLength = 254;
    public const int MaxDisplayNameLength = 200;
    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true };

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
        user.SetContact(email, displayName);
        return user;
    }

    /// <exception cref="UserRuleException">A value breaks a rule.</exception>
    public void ChangeContact(string username, string? email, string? displayName)
    {
        SetUsername(username);
        SetContact(email, displayName);
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
    public void ActivationIssued(Activation activation)
    {
        ActivationExpiresAt = activation.ExpiresAt;
        Version++;
    }

    public void Activated(DateTimeOffset at)
    {
        ActivatedAt = at;
        ActivationExpiresAt = null;
        Version++;
    }

    /// <summary>
    /// Case alone makes no other name. More is not needed: identifiers are ASCII, for this runtime normalises no Unicode. The internationalised domain
    /// of an e-mail address is kept in its ASCII form (RFC 5890), in which it is sent to, and in which no look-alike can be overlooked.
    /// </summary>
    public static string Normalize(string identifier) => identifier.ToUpperInvariant();

    /// <summary>Whether it can be stored: no half of a surrogate pair, no NUL.</summary>
    public static bool IsText(string value) => !value.Contains('\0', StringComparison.Ordinal) && value.EnumerateRunes().All(rune => rune != Rune.ReplacementChar);

    private void SetUsername(string username)
    {
        Require(
            username.Length is > 0 and <= MaxUsernameLength && username.All(IsOfName),
            "username", $"1 to {MaxUsernameLength} of the letters a to z, digits and . _ - @ +");
        Username = username;
        NormalizedUsername = Normalize(username);
    }

    private void SetContact(string? email, string? displayName)
    {
        email = email is null ? null : WithDomainInAscii(email);
        Require(email is null || IsEmail(email), "email", $"An e-mail address of at most {MaxEmailLength} characters.");
        Require(
            displayName is null || (displayName.Length is > 0 and <= MaxDisplayNameLength && IsText(displayName) && !displayName.Any(char.IsControl)),
            "displayName", $"1 to {MaxDisplayNameLength} characters, no control characters.");
        Email = email;
        NormalizedEmail = email is null ? null : Normalize(email);
        DisplayName = displayName;
    }

    private static bool IsOfName(char character) => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-' or '@' or '+';

    private static string WithDomainInAscii(string email)
    {
        var domain = email.LastIndexOf('@') + 1;
        if (domain == 0 || Ascii.IsValid(email))
        {
            return email;
        }

        try
        {
            return email[..domain] + Idn.GetAscii(email[domain..].ToLowerInvariant());
        }
        catch (ArgumentException)
        {
            return email;
        }
    }

    private static bool IsEmail(string text) =>
        text.Length <= MaxEmailLength && text.All(character => character is > ' ' and <= '~')
        && text.LastIndexOf('@') is > 0 and var at && at < text.Length - 1;

    private static void Require(bool holds, string member, string rule)
    {
        if (!holds)
        {
            throw new UserRuleException(member, rule);
        }
    }
}
