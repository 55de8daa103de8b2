using System.IO.Pipelines;
using Idoven.Ecgs.Api.Common;
using Idoven.Ecgs.Application;
using Idoven.Ecgs.Application.Processing;
using Idoven.Ecgs.Application.Signals;
using Idoven.Ecgs.Domain;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Idempotency;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Ecgs.Api.Upload;

/// <summary>
/// Reads an upload and stores it, or rejects it before its body is read: too many ECGs wait for the analysis, the owner's quota is used
/// up, or the caller or the host has too many uploads in progress.
/// </summary>
internal sealed class UploadIntake(
    SubmitEcgHandler handler, IEcgs ecgs, IAnalysisBacklog backlog, UploadLimits limits, EcgsOptions options, SignalBudget budget,
    IBlockEncoder blockEncoder, UploadGate gate, [FromKeyedServices(UploadIntake.SlotsKey)] CallerSlots slots, TimeProvider clock)
{
    /// <summary>The key of the <see cref="CallerSlots"/> of uploads.</summary>
    public const string SlotsKey = "uploads";

    public const int RetryAfterSeconds = 5;

    /// <returns>
    /// The rejection, or the ECG: of a repeated request the one that was stored before, null if that one was deleted since.
    /// </returns>
    /// <exception cref="UploadException">The body is rejected.</exception>
    /// <exception cref="SignalBudgetException">The host, or the caller, holds as many bytes as it may.</exception>
    /// <exception cref="UploadsBusyException">Too many uploads wait to be stored.</exception>
    /// <exception cref="QuotaExceededException">The owner may not store as many samples.</exception>
    /// <exception cref="OwnerErasedException">The owner was erased.</exception>
    public async Task<(Ecg? Ecg, ProblemHttpResult? Rejection)> Store(
        HttpContext context, CurrentCaller caller, PipeReader body, CancellationToken ct)
    {
        using var slot = slots.Enter(caller.Key);
        if (slot.Rejection(context) is { } full)
        {
            return (null, full);
        }

        if (await FindRejection(context, caller, ct) is { } rejection
            && !(context.Key([]) is { } key && await ecgs.IsKnown(key, clock.GetUtcNow(), ct)))
        {
            // A request with a known key is a repetition, which stores nothing.
            return (null, rejection);
        }

        // No database connection is held while the body arrives.
        using var encoder = new SignalEncoder(budget.ForCaller(caller.Key), blockEncoder);
        var recording = await new UploadReader(encoder, limits, turn => gate.Read(caller.Key, turn)).Read(body, ct);
        using var turn = await gate.Store(caller.Key, ct);
        var command = new SubmitEcg(caller.Subject, recording, encoder.Blocks, context.Key(recording.BodySha256));
        var ecg = await handler.Handle(command, ct);
        turn.Complete();
        return (ecg, null);
    }

    private async Task<ProblemHttpResult?> FindRejection(HttpContext context, CurrentCaller caller, CancellationToken ct)
    {
        if ((backlog.RetryAfterSeconds() ?? (gate.IsCrowded ? RetryAfterSeconds : null)) is { } seconds)
        {
            return Problems.Unavailable(context, "Too many ECGs wait for the analysis; nothing was stored.", seconds);
        }

        if (options.SamplesPerOwner is { } quota && await ecgs.CountSamples(caller.Subject, ct) is var stored && stored >= quota)
        {
            return QuotaExceeded(stored, quota);
        }

        return null;
    }

    /// <summary>Returns the error response to an upload of an owner whose ECGs have as many samples as they may.</summary>
    public static ProblemHttpResult QuotaExceeded(long stored, long quota) => Problems.Forbidden(
        EcgsProblems.QuotaExceeded,
        $"The owner's ECGs have {stored} samples and may have {quota}; nothing was stored. "
        + "Delete ECGs, or ask the operator of the installation.");
}
