using Idoven.Ecgs.Application;
using Idoven.Identity.Contracts;
using Idoven.Users.Contracts;
using MassTransit;

namespace Idoven.Ecgs.Consumers;

/// <summary>Consumes the queues <c>ecgs-erase-owner-user</c> and <c>ecgs-erase-owner-client</c>.</summary>
internal sealed class EraseOwnerConsumer(EraseOwnerHandler handler) : IConsumer<UserDeleted>, IConsumer<ClientDeleted>
{
    public Task Consume(ConsumeContext<UserDeleted> context) =>
        handler.Handle(context.Message.UserId.ToString(), context.CancellationToken);

    public Task Consume(ConsumeContext<ClientDeleted> context) =>
        handler.Handle($"client:{context.Message.ClientId}", context.CancellationToken);
}
