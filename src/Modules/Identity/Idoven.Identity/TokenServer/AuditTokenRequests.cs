using System.Security.Claims;
using Idoven.Identity.Common;
using Idoven.Shared.Audit;
using Microsoft.Extensions.DependencyInjection;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Idoven.Identity.TokenServer;

/// <summary>
/// Records every request to the token endpoint in the audit log, for all grants, and every revocation by a client. The entry of an issued
/// token is added before OpenIddict saves the token, so both are stored in one round trip and one transaction.
/// </summary>
internal sealed class AuditTokenRequests(IIdentityAuditLog auditLog, IOpenIddictApplicationManager clients) :
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
        At<ApplyRevocationResponseContext, AuditTokenRequests>(
            OpenIddictServerHandlers.Revocation.NormalizeErrorResponse.Descriptor.Order + 1),
    ];

    public ValueTask HandleAsync(ProcessSignInContext context)
    {
        if (context.EndpointType == OpenIddictServerEndpointType.Token)
        {
            auditLog.Add(WithToken(new AuditEntry(FindAction(context)), context.Principal) with { ClientId = context.ClientId });
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask HandleAsync(ApplyTokenResponseContext context)
    {
        // While the user has not decided, a device that polls gets neither a token nor a rejection.
        if (context.Response.Error is Errors.AuthorizationPending or Errors.SlowDown)
        {
            return ValueTask.CompletedTask;
        }

        var shown = context.Transaction.GetProperty<ProcessAuthenticationContext>(typeof(ProcessAuthenticationContext).FullName!);
        var principal = shown?.RefreshTokenPrincipal ?? shown?.AuthorizationCodePrincipal ?? shown?.DeviceCodePrincipal;
        return RecordRejection(FindAction(context), context, principal, context.Response.Error);
    }

    public ValueTask HandleAsync(HandleRevocationRequestContext context)
    {
        var entry = WithToken(new AuditEntry(AuditActions.RevokeToken), context.GenericTokenPrincipal);
        auditLog.Add(entry with { ClientId = context.Transaction.Request?.ClientId });
        return ValueTask.CompletedTask;
    }

    public ValueTask HandleAsync(ApplyRevocationResponseContext context) =>
        RecordRejection(AuditActions.RevokeToken, context, token: null, context.Response.Error);

    private async ValueTask RecordRejection(string action, BaseContext context, ClaimsPrincipal? token, string? error)
    {
        if (error is null)
        {
            return;
        }

        // An id that does not belong to a client is arbitrary text of the caller, and is not stored.
        var id = context.Transaction.Request?.ClientId;
        var isClient = !string.IsNullOrEmpty(id) && await clients.FindByClientIdAsync(id, context.CancellationToken) is not null;
        await auditLog.Record(WithToken(AuditEntry.Refused(action, error), token) with { ClientId = isClient ? id : null });
    }

    /// <summary>Returns the entry with the subject and the session of the token.</summary>
    private static AuditEntry WithToken(AuditEntry entry, ClaimsPrincipal? token) => entry with
    {
        Subject = token?.GetClaim(Claims.Subject),
        SessionId = Guid.TryParse(token?.GetClaim("sid"), out var session) ? session : null,
    };

    /// <summary>
    /// Returns the audit action: with the last word of the grant's name, which may be a URN; without it if the grant is not offered.
    /// </summary>
    private static string FindAction(BaseContext context) =>
        context.Transaction.Request?.GrantType is { } grant && context.Options.GrantTypes.Contains(grant)
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
