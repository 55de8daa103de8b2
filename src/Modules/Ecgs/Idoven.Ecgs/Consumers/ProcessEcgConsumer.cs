using Idoven.Ecgs.Application.Processing;
using Idoven.Ecgs.Contracts;
using Idoven.Shared.Messaging.Parking;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace Idoven.Ecgs.Consumers;

/// <summary>Consumes the queue <c>ecgs-process-ecg</c>.</summary>
internal sealed class ProcessEcgConsumer(
    ProcessEcgHandler handler,
    ProcessRedeliveredEcgHandler redelivered,
    RecordEcgFailureHandler failures,
    AnalysisGate gate,
    IInsightWaiters waiters,
    ILogger<ProcessEcgConsumer> logger) : IConsumer<EcgSubmitted>
{
    public async Task Consume(ConsumeContext<EcgSubmitted> context)
    {
        var ecgId = context.Message.EcgId;
        var ct = context.CancellationToken;
        try
        {
            if (context.ReceiveContext.Redelivered)
            {
                await redelivered.Handle(ecgId, context.GetOrAddPayload(() => new RedeliveredAttempt()), ct);
            }
            else
            {
                using var admission = await gate.Enter(ct);
                await handler.Handle(ecgId, ct);
            }
        }
        catch (AnalysisOverrunException e)
        {
            // A quick retry would run on the same busy host. The failure commits with the inbox row, so a second delivery does not count it
            // again.
            logger.LogWarning("The analysis of ECG {EcgId} exceeded its time budget and will be tried again later", ecgId);
            await failures.Handle(ecgId, e, ct);
            return;
        }

        waiters.Complete(ecgId);
    }
}

/// <summary>Records a failure on the ECG itself, where its owner sees it.</summary>
internal sealed class ProcessEcgFailure(RecordEcgFailureHandler handler) : IFailedDelivery<EcgSubmitted>
{
    public Task Failed(EcgSubmitted message, Exception exception, CancellationToken ct) => handler.Handle(message.EcgId, exception, ct);
}
