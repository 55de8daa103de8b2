using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.TokenServer;

/// <summary>
/// Returns the same <c>invalid_client</c> response for every cause: an unknown or disabled client, a wrong secret, an invalid signature.
/// Removes OpenIddict's <c>error_uri</c>, which leads to the documentation of a library.
/// </summary>
internal sealed class UniformClientError<TContext> : IOpenIddictServerHandler<TContext>
    where TContext : OpenIddictServerEvents.BaseRequestContext
{
    // After OpenIddict's handlers that change an error, and before the response is written.
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
            if (response.Error == Errors.InvalidClient)
            {
                response.ErrorDescription = "The client's credentials are not valid.";
            }
        }

        return ValueTask.CompletedTask;
    }
}
