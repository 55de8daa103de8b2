namespace Idoven.Identity.Common;

/// <summary>What Identity puts on record, beside <c>token.</c> and the grant's name; <c>docs/audit.md</c> says when.</summary>
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

/// <summary>Why, or how, in a code.</summary>
internal static class Reasons
{
    /// <summary>A name or a password was wrong.</summary>
    public const string Credentials = "credentials";

    /// <summary>The password was right, and what has to be shown beside it was missing or wrong.</summary>
    public const string SecondFactor = "second_factor";

    /// <summary>Of something good once: used where it was done, unknown, over or used before where it was refused.</summary>
    public const string OneTimeToken = "token";

    /// <summary>The same of a recovery code.</summary>
    public const string RecoveryCode = "recovery_code";

    /// <summary>A token that is good once was used before.</summary>
    public const string UsedToken = "used_token";

    /// <summary>A link was sent to the account's verified address.</summary>
    public const string Email = "email";

    /// <summary>The person did not allow it.</summary>
    public const string Denied = "denied";

    /// <summary>What was asked for is not of their role.</summary>
    public const string Forbidden = "forbidden";

    /// <summary>Nobody asked for it now: it was due.</summary>
    public const string Due = "due";
}
