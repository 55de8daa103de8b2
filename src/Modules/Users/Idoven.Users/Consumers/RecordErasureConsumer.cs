using Idoven.Users.Application;
using MassTransit;

namespace Idoven.Users.Consumers;

/// <summary>Consumes the queues <c>users-record-erasure-ecgs</c> and <c>users-record-erasure-identity</c>.</summary>
internal sealed class RecordErasureConsumer(RecordErasureHandler handler)
    : IConsumer<Ecgs.Contracts.OwnerErased>, IConsumer<Identity.Contracts.OwnerErased>
{
    public Task Consume(ConsumeContext<Ecgs.Contracts.OwnerErased> context) =>
        handler.Handle(context.Message.OwnerId, "ecgs", context.Message.Counts, context.CancellationToken);

    public Task Consume(ConsumeContext<Identity.Contracts.OwnerErased> context) =>
        handler.Handle(context.Message.OwnerId, "identity", context.Message.Counts, context.CancellationToken);
}
