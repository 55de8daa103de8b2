using Idoven.Users.Contracts;
using MassTransit;

namespace Idoven.Identity.Accounts;

/// <summary>Queue <c>identity-change-account</c>.</summary>
internal sealed class ChangeAccountConsumer(ChangeAccountHandler handler) : IConsumer<UserChanged>
{
    public Task Consume(ConsumeContext<UserChanged> context) => handler.Handle(context.Message, context.CancellationToken);
}
