using Idoven.Shared.Audit;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Users.Application;

/// <summary>A module says that it has erased what it held of an owner; machine clients are not ours.</summary>
internal sealed class RecordErasureHandler(IUsers users, IUsersAuditLog trail, TimeProvider clock)
{
    public async Task Handle(string ownerId, string module, IReadOnlyDictionary<string, long> counts, CancellationToken ct)
    {
        if (Guid.TryParseExact(ownerId, "D", out var userId) && await users.LockErasure(userId, ct) is { } erasure)
        {
            if (erasure.Finish(module, clock.GetUtcNow(), counts))
            {
                trail.Add(new AuditEntry(AuditActions.FinishErasure, $"{userId}", module));
            }

            await users.Save(ct);
        }
    }
}
