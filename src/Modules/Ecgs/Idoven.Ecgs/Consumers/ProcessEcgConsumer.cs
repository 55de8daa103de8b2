using Idoven.Ecgs.Application;
using Idoven.Ecgs.Contracts;
using Idoven.Shared.Messaging;
using MassTransit;

namespace Idoven.Ecgs.Consumers;

/// <summary>Queue <c>ecgs-process-ecg</c>.</summary>
internal sealed class ProcessEcgConsumer(ProcessEcgHandler handler, IInsightWaiters waiters) : IConsumer<EcgSubmitted>
{
    public async Task Consume(ConsumeContext<EcgSubmitted> context)
    {
        await handler.Handle(context.Message.EcgId, context.CancellationToken);
        waiters.Ended(context.Message.EcgId);
    }
}

/// <summary>A failure is written down on the ECG itself, where its owner sees it.</summary>
internal sealed class ProcessEcgFailure(RecordEcgFailureHandler handler) : IFailedDelivery<EcgSubmitted>
{
    public Task Failed(EcgSubmitted message, Exception exception, CancellationToken ct) => handler.Handle(message.EcgId, exception, ct);
}
