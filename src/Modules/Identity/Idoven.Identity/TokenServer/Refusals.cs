using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.TokenServer;

/// <summary>
/// Who a client is, is refused in the same words whatever was wrong with it: no client, a disabled one, another secret, a bad signature. And
/// no refusal sends anybody to the documentation of a library.
/// </summary>
internal sealed class UniformClientError<TContext> : IOpenIddictServerHandler<TContext>
    where TContext : OpenIddictServerEvents.BaseRequestContext
{
    // Behind OpenIddict's own change of an error, before anything is written.
    private const int Order = int.MinValue + 200_000;

    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<TContext>()
            .UseSingletonHandler<UniformClientError<TContext>>()
            .SetOrder(Order)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public ValueTask HandleAsync(TContext context)
    {
        if (context.Transaction.Response is { Error: not null } response)
        {
            response.ErrorUri = null;
            response.ErrorDescription = response.Error == Errors.InvalidClient ? "The client's credentials are not valid." : response.ErrorDescription;
        }

        return ValueTask.CompletedTask;
    }
}
