using Idoven.Shared.Audit;

namespace Idoven.Users.Application;

/// <summary>Represents the audit log of this module.</summary>
internal interface IUsersAuditLog : IAuditLog;
