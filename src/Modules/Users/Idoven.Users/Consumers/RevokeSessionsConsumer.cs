using Idoven.Identity.Contracts;
using Idoven.Shared.Web.Revocation;
using Idoven.Users.Domain;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Users.Consumers;

/// <summary>Consumes the queue <c>users-revoke-sessions</c>.</summary>
internal sealed class RevokeSessionsConsumer([FromKeyedServices(ModuleName.Value)] IRevocations revocations) : IConsumer<SessionsRevoked>
{
    public const string Queue = "users-revoke-sessions";

    public Task Consume(ConsumeContext<SessionsRevoked> context) =>
        revocations.Record(context.Message.Subject, context.Message.SessionId, context.Message.Generation, context.CancellationToken);
}
