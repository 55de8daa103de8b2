using System.Globalization;
using Idoven.Identity.Accounts;
using Idoven.Shared.Web;

namespace Idoven.Identity.Mail;

/// <summary>What the letters say.</summary>
internal static class EmailTemplates
{
    private const string IfAnotherActivated =
        "If that was not you, another person chose its password: do not confirm the address, and tell the administrator that registered you.";

    public static (string Subject, string Text) Recovery(PublicAddress address, string username, string token) => (
        "Choose a new password",
        $"""
         Somebody, probably you, asked for a new password for the account {username}.

         Choose it here, within 30 minutes:
         {address.Resolve($"account/recovery?token={token}")}

         Every sign-in ends then. If it was not you, do nothing: without this link nothing changes.
         """);

    /// <param name="activation">When and from where the account was activated.</param>
    public static (string Subject, string Text) Verification(PublicAddress address, string username, string token, EarlierActivation activation) => (
        "Is this your e-mail address?",
        $"""
         The account {username} has this e-mail address. Confirm it, with the account's password, within 24 hours:
         {address.Resolve($"account/email?token={token}")}

         From then on you can sign in with the address, and get a new password by it.
         {activation} {IfAnotherActivated}
         If this is not your account, do nothing.
         """);

    /// <param name="isRight">Whether the right one came after them.</param>
    /// <param name="at">When the last was given.</param>
    public static (string Subject, string Text) Guesses(PublicAddress address, string username, bool isRight, DateTimeOffset at)
    {
        var fact = isRight
            ? "several times in a row, and then the right one, from a browser or program that it had not been given in before"
            : "many times in a row";
        return (
            isRight ? "Your password was given after wrong ones" : "Wrong passwords were given for your account",
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                 For the account {username} a wrong password or recovery code was given {fact}. The last came at {at.UtcDateTime:yyyy-MM-dd HH:mm} UTC.

                 If it was you, do nothing. {(isRight ? "If it was not you, get a new password at once:" : "If it was not you and your password is one that can be guessed, get a new one:")}
                 {address.Resolve("account/recovery")}
                 A second factor keeps out whoever has only the password. You are told of this at most once a day.
                 """));
    }

    public static (string Subject, string Text) Render(Notice notice, PublicAddress address, string username)
    {
        var (subject, fact) = notice switch
        {
            Notice.EmailChanged => ("Your e-mail address was changed", "has another e-mail address now. This one counts for it no more."),
            Notice.UsernameChanged => ("Your username was changed", "has this name now. You sign in with it."),
            Notice.PasswordChanged => ("Your password was changed", "has a new password. Every sign-in was ended."),
            Notice.Recovered => ("Your account was recovered", "has a new password, chosen with a recovery link or a recovery code. Every sign-in was ended. If it was a code, the other codes are not valid any more."),
            Notice.SecondFactorOn => ("Your second factor is on", "asks for a code of your authenticator app at each sign-in."),
            Notice.SecondFactorOff => ("Your second factor is off", "asks for no code at a sign-in any more."),
            Notice.RecoveryCodesReplaced => ("Your recovery codes were replaced", "has new recovery codes. Those before count no more."),
            _ => throw new ArgumentOutOfRangeException(nameof(notice)),
        };
        return (subject,
            $"""
             The account {username} {fact}

             If it was not you, get a new password at once:
             {address.Resolve("account/recovery")}
             If that is not possible, turn to whoever runs the service.
             """);
    }
}
