using Idoven.Identity.Application;
using Idoven.Shared.Http;

namespace Idoven.Identity.Infrastructure.Mail;

/// <summary>What the letters say.</summary>
internal static class Wording
{
    public static (string Subject, string Text) Recovery(PublicAddress address, string username, string token) => (
        "Choose a new password",
        $"""
         Somebody, probably you, asked for a new password for the account {username}.

         Choose it here, within 30 minutes:
         {address.Of($"account/recovery?token={token}")}

         Every sign-in ends then. If it was not you, do nothing: without this link nothing changes.
         """);

    public static (string Subject, string Text) Verification(PublicAddress address, string username, string token) => (
        "Is this your e-mail address?",
        $"""
         The account {username} has this e-mail address. Confirm it, with the account's password, within 24 hours:
         {address.Of($"account/email?token={token}")}

         From then on you can sign in with the address, and get a new password by it.
         If this is not your account, do nothing.
         """);

    public static (string Subject, string Text) Of(Notice notice, PublicAddress address, string username)
    {
        var (subject, fact) = notice switch
        {
            Notice.EmailChanged => ("Your e-mail address was changed", "has another e-mail address now. This one counts for it no more."),
            Notice.UsernameChanged => ("Your username was changed", "has this name now. You sign in with it."),
            Notice.PasswordChanged => ("Your password was changed", "has a new password. Every sign-in was ended."),
            Notice.Recovered => ("Your account was recovered", "has a new password, chosen with a recovery link or a recovery code. Every sign-in was ended."),
            Notice.SecondFactorOn => ("Your second factor is on", "asks for a code of your authenticator app at each sign-in."),
            Notice.SecondFactorOff => ("Your second factor is off", "asks for no code at a sign-in any more."),
            Notice.RecoveryCodesReplaced => ("Your recovery codes were replaced", "has new recovery codes. Those before count no more."),
            _ => throw new ArgumentOutOfRangeException(nameof(notice)),
        };
        return (subject,
            $"""
             The account {username} {fact}

             If it was not you, get a new password at once:
             {address.Of("account/recovery")}
             If that is not possible, turn to whoever runs the service.
             """);
    }
}
