using Idoven.Ecgs.Application.Reprocessing;
using Idoven.Ecgs.Contracts;
using Idoven.Ecgs.Domain;
using Idoven.Shared.Messaging.Operations;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Ecgs.Infrastructure;

/// <summary>
/// Represents the failed ECGs for operators, with their ids and reasons. They belong to their owners, so an operator cannot discard them.
/// </summary>
internal sealed class FailedEcgs(IServiceScopeFactory scopes) : IParked
{
    private const string Queue = "ecgs-process-ecg";

    public async Task<IReadOnlyList<ParkedMessage>> List(int limit, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<EcgsDbContext>().Ecgs.AsNoTracking()
            .Where(ecg => ecg.Status == EcgStatus.Failed)
            .OrderBy(ecg => ecg.ProcessedAt)
            .Take(limit)
            .Select(ecg => new ParkedMessage(
                ecg.Id, Queue, nameof(EcgSubmitted), ecg.FailureReason!, ecg.Attempts, ecg.ProcessedAt!.Value, null))
            .ToListAsync(ct);
    }

    public async Task<bool> Replay(Guid id, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<ReplayEcgHandler>().Handle(id, ct);
    }

    public Task<bool> Discard(Guid id, CancellationToken ct) => Task.FromResult(false);
}
