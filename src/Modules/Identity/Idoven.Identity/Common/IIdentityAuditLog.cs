using Idoven.Shared.Audit;

namespace Idoven.Identity.Common;

/// <summary>The audit log of this module.</summary>
internal interface IIdentityAuditLog : IAuditLog;
