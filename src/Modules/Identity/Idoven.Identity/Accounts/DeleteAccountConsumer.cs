using Idoven.Users.Contracts;
using MassTransit;

namespace Idoven.Identity.Accounts;

/// <summary>Queue <c>identity-delete-account</c>.</summary>
internal sealed class DeleteAccountConsumer(DeleteAccountHandler handler) : IConsumer<UserDeleted>
{
    public Task Consume(ConsumeContext<UserDeleted> context) => handler.Handle(context.Message, context.CancellationToken);
}
