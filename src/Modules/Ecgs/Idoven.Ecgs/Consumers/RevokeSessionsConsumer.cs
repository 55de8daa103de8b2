using Idoven.Ecgs.Domain;
using Idoven.Identity.Contracts;
using Idoven.Shared.Web.Revocation;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Ecgs.Consumers;

/// <summary>Consumes the queue <c>ecgs-revoke-sessions</c>.</summary>
internal sealed class RevokeSessionsConsumer([FromKeyedServices(ModuleName.Value)] IRevocations revocations) : IConsumer<SessionsRevoked>
{
    public const string Queue = "ecgs-revoke-sessions";

    public Task Consume(ConsumeContext<SessionsRevoked> context) =>
        revocations.Record(context.Message.Subject, context.Message.SessionId, context.Message.Generation, context.CancellationToken);
}
