using Idoven.Users.Contracts;
using MassTransit;

namespace Idoven.Identity.Accounts;

/// <summary>Queue <c>identity-create-account</c>.</summary>
internal sealed class CreateAccountConsumer(CreateAccountHandler handler) : IConsumer<UserRegistered>
{
    public Task Consume(ConsumeContext<UserRegistered> context) => handler.Handle(context.Message, context.CancellationToken);
}
