namespace Idoven.Identity.Application;

/// <summary>What Identity puts on record, beside <c>token.</c> and the grant's name; <c>docs/audit.md</c> says when.</summary>
internal static class Acts
{
    public const string SignIn = "sign_in";
    public const string SignOut = "sign_out";
    public const string EndSession = "session.end";
    public const string EndAllSessions = "session.end_all";
    public const string Token = "token";
    public const string ReplayToken = "token.replay";
    public const string RevokeToken = "token.revoke";
    public const string Consent = "consent";
    public const string ActivateAccount = "account.activate";
    public const string ChangePassword = "account.change_password";
    public const string DisableAccount = "account.disable";
    public const string EraseAccount = "account.erase";
    public const string RegisterClient = "client.register";
    public const string RotateClientSecret = "client.rotate_secret";
    public const string GrantScopes = "client.grant";
    public const string RevokeScopes = "client.revoke";
    public const string DeleteClient = "client.delete";
    public const string ChangeClient = "client.change";
    public const string TurnSecondFactorOn = "account.second_factor_on";
    public const string TurnSecondFactorOff = "account.second_factor_off";
    public const string ReplaceRecoveryCodes = "account.replace_recovery_codes";
    public const string AskForRecovery = "account.ask_for_recovery";
    public const string Recover = "account.recover";
    public const string IssueRecovery = "account.issue_recovery";
    public const string VerifyEmail = "account.verify_email";
    public const string AllowDevice = "device.allow";
    public const string MakeKey = "key.make";
    public const string RevokeKey = "key.revoke";

    /// <summary>Why a sign-in was refused whose password was right.</summary>
    public const string SecondFactor = "second_factor";
}
