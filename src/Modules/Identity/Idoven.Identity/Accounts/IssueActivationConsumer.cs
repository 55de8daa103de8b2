using Idoven.Users.Contracts;
using MassTransit;

namespace Idoven.Identity.Accounts;

/// <summary>Queue <c>identity-issue-activation</c>.</summary>
internal sealed class IssueActivationConsumer(IssueActivationHandler handler) : IConsumer<ActivationIssued>
{
    public Task Consume(ConsumeContext<ActivationIssued> context) => handler.Handle(context.Message, context.CancellationToken);
}
