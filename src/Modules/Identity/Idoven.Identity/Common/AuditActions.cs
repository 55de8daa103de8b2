namespace Idoven.Identity.Common;

/// <summary>
/// The audit actions of Identity. <c>token.</c> with the name of the grant is another one; <c>docs/audit.md</c> describes them.
/// </summary>
internal static class AuditActions
{
    public const string SignIn = "sign_in";
    public const string SignOut = "sign_out";
    public const string EndSession = "session.end";
    public const string EndAllSessions = "session.end_all";
    public const string Token = "token";
    public const string ReplayToken = "token.replay";
    public const string RevokeToken = "token.revoke";
    public const string Consent = "consent";
    public const string WithdrawConsent = "consent.withdraw";
    public const string ActivateAccount = "account.activate";
    public const string ChangePassword = "account.change_password";
    public const string DisableAccount = "account.disable";
    public const string EraseAccount = "account.erase";
    public const string RegisterClient = "client.register";
    public const string RotateClientSecret = "client.rotate_secret";
    public const string IssueEnrolment = "client.issue_enrolment";
    public const string EnrolClient = "client.enrol";
    public const string GrantScopes = "client.grant";
    public const string RevokeScopes = "client.revoke";
    public const string DeleteClient = "client.delete";
    public const string ChangeClient = "client.change";
    public const string EnableClient = "client.enable";
    public const string DisableClient = "client.disable";
    public const string ReplaceClientKeys = "client.replace_keys";
    public const string BeginSecondFactor = "account.second_factor_begin";
    public const string TurnSecondFactorOn = "account.second_factor_on";
    public const string TurnSecondFactorOff = "account.second_factor_off";
    public const string ReplaceRecoveryCodes = "account.replace_recovery_codes";
    public const string AskForRecovery = "account.ask_for_recovery";
    public const string Recover = "account.recover";
    public const string IssueRecovery = "account.issue_recovery";
    public const string AskForVerification = "account.ask_for_verification";
    public const string VerifyEmail = "account.verify_email";
    public const string AllowDevice = "device.allow";
    public const string MakeKey = "key.make";
    public const string ActivateKey = "key.activate";
    public const string RetireKey = "key.retire";
    public const string RevokeKey = "key.revoke";
    public const string RemoveKey = "key.remove";
}

/// <summary>The codes for the reason of a rejection, or for how an action was authorised.</summary>
internal static class Reasons
{
    /// <summary>The username or the password was wrong.</summary>
    public const string Credentials = "credentials";

    /// <summary>The password was right, but the code of the second factor was missing or wrong.</summary>
    public const string SecondFactor = "second_factor";

    /// <summary>A one-time token was used; or, of a rejection, it was unknown, expired or used before.</summary>
    public const string OneTimeToken = "token";

    /// <summary>The same for a recovery code.</summary>
    public const string RecoveryCode = "recovery_code";

    /// <summary>The one-time token was used before.</summary>
    public const string UsedToken = "used_token";

    /// <summary>A link was sent to the account's verified address.</summary>
    public const string Email = "email";

    /// <summary>The user denied it.</summary>
    public const string Denied = "denied";

    /// <summary>The user's role does not allow it.</summary>
    public const string Forbidden = "forbidden";

    /// <summary>The service did it by itself, because it was due.</summary>
    public const string Due = "due";
}
