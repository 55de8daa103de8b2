namespace Idoven.Users.Application;

/// <summary>The audit actions of Users, which <c>docs/audit.md</c> describes.</summary>
internal static class AuditActions
{
    public const string RegisterUser = "user.register";
    public const string IssueActivation = "user.issue_activation";
    public const string ChangeUser = "user.change";
    public const string EnableUser = "user.enable";
    public const string DisableUser = "user.disable";
    public const string DeleteUser = "user.delete";
    public const string EraseUser = "user.erase";
    public const string FinishErasure = "user.finish_erasure";
}
