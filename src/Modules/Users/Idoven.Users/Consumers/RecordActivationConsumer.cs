using Idoven.Identity.Contracts;
using Idoven.Users.Application;
using MassTransit;

namespace Idoven.Users.Consumers;

/// <summary>Consumes the queue <c>users-record-activation</c>.</summary>
internal sealed class RecordActivationConsumer(RecordActivationHandler handler) : IConsumer<AccountActivated>
{
    public Task Consume(ConsumeContext<AccountActivated> context) =>
        handler.Handle(context.Message.UserId, context.Message.At, context.CancellationToken);
}
