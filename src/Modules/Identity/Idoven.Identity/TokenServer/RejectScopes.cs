using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.TokenServer;

/// <summary>
/// A scope that the client was not registered for is an <c>invalid_scope</c> (RFC 6749, 5.2), where OpenIddict says that the request is
/// invalid. So is a request that sends a person to sign in and names no scope: the person would be asked to allow nothing.
/// </summary>
internal sealed class RejectScopes<TContext>(IOpenIddictApplicationManager clients) : IOpenIddictServerHandler<TContext>
    where TContext : OpenIddictServerEvents.BaseValidatingContext
{
    // As OpenIddict has it: they say how, and not what.
    private static readonly string[] NeedNoPermission = [Scopes.OpenId, Scopes.OfflineAccess];

    /// <param name="instead">OpenIddict's handler, before which this one stands.</param>
    public static OpenIddictServerHandlerDescriptor Before(OpenIddictServerHandlerDescriptor instead) =>
        OpenIddictServerHandlerDescriptor.CreateBuilder<TContext>()
            .UseScopedHandler<RejectScopes<TContext>>()
            .SetOrder(instead.Order - 1)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public async ValueTask HandleAsync(TContext context)
    {
        var ct = context.CancellationToken;
        if (context.Transaction.Request is not { ClientId: { } id } request || await clients.FindByClientIdAsync(id, ct) is not { } client)
        {
            return;
        }

        var scopes = request.GetScopes();
        if (scopes.IsEmpty && context is not OpenIddictServerEvents.ValidateTokenRequestContext)
        {
            context.Reject(Errors.InvalidScope, "The parameter scope is missing: name the scopes that the person is asked to allow.");
            return;
        }

        foreach (var scope in scopes.Except(NeedNoPermission))
        {
            if (!await clients.HasPermissionAsync(client, Permissions.Prefixes.Scope + scope, ct))
            {
                context.Reject(Errors.InvalidScope, "The client was not registered for this scope.");
                return;
            }
        }
    }
}
