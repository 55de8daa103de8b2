using Idoven.Shared.Audit;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Users.Application;

/// <summary>Records that a module has erased the data of a user. Reports about machine clients are ignored.</summary>
internal sealed class RecordErasureHandler(IUsers users, IUsersAuditLog auditLog, TimeProvider clock)
{
    public async Task Handle(string ownerId, string module, IReadOnlyDictionary<string, long> counts, CancellationToken ct)
    {
        if (Guid.TryParseExact(ownerId, "D", out var userId) && await users.LockErasure(userId, ct) is { } erasure)
        {
            if (erasure.Finish(module, clock.GetUtcNow(), counts))
            {
                auditLog.Add(new AuditEntry(AuditActions.FinishErasure, $"{userId}", module));
            }

            await users.Save(ct);
        }
    }
}
