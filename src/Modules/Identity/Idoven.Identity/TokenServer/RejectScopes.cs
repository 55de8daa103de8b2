using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.TokenServer;

/// <summary>
/// Answers <c>invalid_scope</c> to a scope that the client was not registered for (RFC 6749, 5.2); OpenIddict answers
/// <c>invalid_request</c>. Also to a request for a user's sign-in without a scope: the consent page would have nothing to ask.
/// </summary>
internal sealed class RejectScopes<TContext>(IOpenIddictApplicationManager clients) : IOpenIddictServerHandler<TContext>
    where TContext : OpenIddictServerEvents.BaseValidatingContext
{
    // As in OpenIddict: these scopes do not give access to anything by themselves.
    private static readonly string[] NeedNoPermission = [Scopes.OpenId, Scopes.OfflineAccess];

    /// <param name="handler">OpenIddict's handler, before which this one runs.</param>
    public static OpenIddictServerHandlerDescriptor Before(OpenIddictServerHandlerDescriptor handler) =>
        OpenIddictServerHandlerDescriptor.CreateBuilder<TContext>()
            .UseScopedHandler<RejectScopes<TContext>>()
            .SetOrder(handler.Order - 1)
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
            context.Reject(Errors.InvalidScope, "The parameter scope is missing: name the scopes that the user is asked to allow.");
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
