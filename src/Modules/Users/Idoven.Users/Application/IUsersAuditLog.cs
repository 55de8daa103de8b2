using Idoven.Shared.Audit;

namespace Idoven.Users.Application;

/// <summary>The audit log of this module.</summary>
internal interface IUsersAuditLog : IAuditLog;
