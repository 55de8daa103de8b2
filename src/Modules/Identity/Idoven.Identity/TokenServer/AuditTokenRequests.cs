using Idoven.Identity.Common;
using System.Security.Claims;
using Idoven.Shared.Audit;
using Microsoft.Extensions.DependencyInjection;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Idoven.Identity.TokenServer;

/// <summary>
/// Every answer of the token endpoint is on record, of whatever grant: it stands where all of them pass. What is issued is added before OpenIddict
/// saves the token, and goes with it in one round trip and one transaction. The same for tokens that clients give back.
/// </summary>
internal sealed class AuditTokenRequests(IIdentityAuditLog trail, IOpenIddictApplicationManager clients) :
    IOpenIddictServerHandler<ProcessSignInContext>,
    IOpenIddictServerHandler<ApplyTokenResponseContext>,
    IOpenIddictServerHandler<HandleRevocationRequestContext>,
    IOpenIddictServerHandler<ApplyRevocationResponseContext>
{
    public static IReadOnlyList<OpenIddictServerHandlerDescriptor> Descriptors { get; } =
    [
        At<ProcessSignInContext, AuditTokenRequests>(OpenIddictServerHandlers.GenerateAccessToken.Descriptor.Order - 1),
        At<ApplyTokenResponseContext, AuditTokenRequests>(OpenIddictServerHandlers.Exchange.NormalizeErrorResponse.Descriptor.Order + 1),
        At<HandleRevocationRequestContext, AuditTokenRequests>(OpenIddictServerHandlers.Revocation.RevokeToken.Descriptor.Order - 1),
        At<ApplyRevocationResponseContext, AuditTokenRequests>(OpenIddictServerHandlers.Revocation.NormalizeErrorResponse.Descriptor.Order + 1),
    ];

    public ValueTask HandleAsync(ProcessSignInContext context)
    {
        if (context.EndpointType == OpenIddictServerEndpointType.Token)
        {
            trail.Add(WithToken(new AuditEntry(Grant(context)), context.Principal) with { ClientId = context.ClientId });
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask HandleAsync(ApplyTokenResponseContext context)
    {
        // A device that asks whether somebody has allowed it yet is neither given nor refused anything.
        if (context.Response.Error is Errors.AuthorizationPending or Errors.SlowDown)
        {
            return ValueTask.CompletedTask;
        }

        var shown = context.Transaction.GetProperty<ProcessAuthenticationContext>(typeof(ProcessAuthenticationContext).FullName!);
        return Refused(Grant(context), context, shown?.RefreshTokenPrincipal ?? shown?.AuthorizationCodePrincipal ?? shown?.DeviceCodePrincipal, context.Response.Error);
    }

    public ValueTask HandleAsync(HandleRevocationRequestContext context)
    {
        trail.Add(WithToken(new AuditEntry(AuditActions.RevokeToken), context.GenericTokenPrincipal) with { ClientId = context.Transaction.Request?.ClientId });
        return ValueTask.CompletedTask;
    }

    public ValueTask HandleAsync(ApplyRevocationResponseContext context) => Refused(AuditActions.RevokeToken, context, shown: null, context.Response.Error);

    private async ValueTask Refused(string action, BaseContext context, ClaimsPrincipal? shown, string? error)
    {
        if (error is null)
        {
            return;
        }

        // An id that no client has is something that a caller wrote.
        var id = context.Transaction.Request?.ClientId;
        var isClient = !string.IsNullOrEmpty(id) && await clients.FindByClientIdAsync(id, context.CancellationToken) is not null;
        await trail.Record(WithToken(AuditEntry.Refused(action, error), shown) with { ClientId = isClient ? id : null });
    }

    /// <summary>Whom the token speaks for.</summary>
    private static AuditEntry WithToken(AuditEntry entry, ClaimsPrincipal? token) => entry with
    {
        Subject = token?.GetClaim(Claims.Subject),
        SessionId = Guid.TryParse(token?.GetClaim("sid"), out var session) ? session : null,
    };

    /// <summary>The last word of a grant's name, which may be a URN; of one that is not offered, none.</summary>
    private static string Grant(BaseContext context) => context.Transaction.Request?.GrantType is { } grant && context.Options.GrantTypes.Contains(grant)
        ? $"{AuditActions.Token}.{grant.Split(':')[^1]}"
        : AuditActions.Token;

    private static OpenIddictServerHandlerDescriptor At<TContext, THandler>(int order)
        where TContext : BaseContext
        where THandler : class, IOpenIddictServerHandler<TContext> =>
        OpenIddictServerHandlerDescriptor.CreateBuilder<TContext>()
            .UseScopedHandler<THandler>()
            .SetOrder(order)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();
}
