using System.Globalization;
using Idoven.Identity.Accounts;
using Idoven.Shared.Web;

namespace Idoven.Identity.Mail;

/// <summary>The subjects and texts of the e-mails.</summary>
internal static class EmailTemplates
{
    private const string IfAnotherActivated =
        "If you did not do this, another person chose the password: do not confirm the address, "
        + "and tell the administrator that registered you.";

    public static (string Subject, string Text) RenderRecovery(PublicAddress address, string username, string token) => (
        "Choose a new password",
        $"""
         A new password was requested for the account {username}, probably by you.

         Choose it here, within 30 minutes:
         {address.Resolve($"account/recovery?token={token}")}

         This ends all sign-ins. If you did not request it, do nothing: nothing changes without this link.
         """);

    /// <param name="activation">When and from where the account was activated.</param>
    public static (string Subject, string Text) RenderVerification(
        PublicAddress address, string username, string token, EarlierActivation activation) => (
        "Is this your e-mail address?",
        $"""
         The account {username} has this e-mail address. Confirm it, with the account's password, within 24 hours:
         {address.Resolve($"account/email?token={token}")}

         After that you can sign in with the address, and get a new password through it.
         {activation} {IfAnotherActivated}
         If this is not your account, do nothing.
         """);

    /// <param name="isRight">Whether the right password was entered after the wrong ones.</param>
    /// <param name="at">When the last one was entered.</param>
    public static (string Subject, string Text) RenderFailedAttempts(
        PublicAddress address, string username, bool isRight, DateTimeOffset at)
    {
        var fact = isRight
            ? "several times in a row, and then the right password, in a browser or program that you had not used before"
            : "many times in a row";
        var advice = isRight
            ? "If it was not you, get a new password at once:"
            : "If it was not you and your password is easy to guess, get a new one:";
        return (
            isRight ? "Your password was entered after wrong ones" : "Wrong passwords were entered for your account",
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                 A wrong password or recovery code was entered for the account {username} {fact}.
                 The last one was entered at {at.UtcDateTime:yyyy-MM-dd HH:mm} UTC.

                 If it was you, do nothing. {advice}
                 {address.Resolve("account/recovery")}
                 A second factor protects the account even if another person has the password. You get this e-mail at most once a day.
                 """));
    }

    public static (string Subject, string Text) Render(Notice notice, PublicAddress address, string username)
    {
        var (subject, fact) = notice switch
        {
            Notice.EmailChanged =>
                ("Your e-mail address was changed", "has another e-mail address now. This address is no longer valid for it."),
            Notice.UsernameChanged => ("Your username was changed", "has this username now. Sign in with it."),
            Notice.PasswordChanged => ("Your password was changed", "has a new password. All sign-ins were ended."),
            Notice.Recovered => (
                "Your account was recovered",
                "has a new password, chosen with a recovery link or a recovery code. All sign-ins were ended. "
                    + "If it was a code, the other codes are no longer valid."),
            Notice.SecondFactorOn => ("Your second factor is on", "asks for a code of your authenticator app at each sign-in."),
            Notice.SecondFactorOff => ("Your second factor is off", "no longer asks for a code at a sign-in."),
            Notice.RecoveryCodesReplaced =>
                ("Your recovery codes were replaced", "has new recovery codes. The earlier ones are no longer valid."),
            _ => throw new ArgumentOutOfRangeException(nameof(notice)),
        };
        return (subject,
            $"""
             The account {username} {fact}

             If it was not you, get a new password at once:
             {address.Resolve("account/recovery")}
             If that is not possible, contact the operator of the service.
             """);
    }
}
