using Idoven.Identity.Contracts;
using Idoven.Users.Application;
using MassTransit;

namespace Idoven.Users.Consumers;

/// <summary>Consumes the queue <c>users-forget-client</c>.</summary>
internal sealed class ForgetClientConsumer(ForgetClientHandler handler) : IConsumer<ClientDeleted>
{
    public Task Consume(ConsumeContext<ClientDeleted> context) => handler.Handle(context.Message.ClientId, context.CancellationToken);
}
