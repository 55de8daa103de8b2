using Microsoft.AspNetCore;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.TokenServer;

/// <summary>
/// Answers <c>invalid_request</c> to a form that cannot be read (RFC 6749, 5.2). OpenIddict does not handle the exception.
/// </summary>
internal sealed class RejectInvalidForms<TContext> : IOpenIddictServerHandler<TContext>
    where TContext : OpenIddictServerEvents.BaseValidatingContext
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<TContext>()
            .UseSingletonHandler<RejectInvalidForms<TContext>>()
            .SetOrder(OpenIddictServerAspNetCoreHandlers.ExtractGetOrPostRequest<TContext>.Descriptor.Order - 1)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public async ValueTask HandleAsync(TContext context)
    {
        if (context.Transaction.GetHttpRequest() is not { HasFormContentType: true } request)
        {
            return;
        }

        try
        {
            await request.ReadFormAsync(context.CancellationToken);
        }
        catch (InvalidDataException)
        {
            context.Reject(Errors.InvalidRequest, "The form cannot be read.");
        }
    }
}
