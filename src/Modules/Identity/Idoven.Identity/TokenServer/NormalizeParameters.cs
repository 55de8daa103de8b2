using System.Collections.Immutable;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.TokenServer;

/// <summary>
/// Removes parameters without a value, which count as omitted (RFC 6749, 3.1 and 3.2), and rejects those with a NUL, which PostgreSQL does
/// not store. Neither reaches a handler or a query that does not expect it.
/// </summary>
internal sealed class NormalizeParameters<TContext> : IOpenIddictServerHandler<TContext>
    where TContext : OpenIddictServerEvents.BaseValidatingContext
{
    // After everything that reads the request, the client's credentials in a header among it.
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<TContext>()
            .UseSingletonHandler<NormalizeParameters<TContext>>()
            .SetOrder(int.MaxValue - 1)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public ValueTask HandleAsync(TContext context)
    {
        if (context.Transaction.Request is not { } request)
        {
            return ValueTask.CompletedTask;
        }

        foreach (var (name, value) in request.GetParameters().ToList())
        {
            var values = (ImmutableArray<string?>?)value ?? [];
            if (HasNul(name) || values.Any(HasNul))
            {
                request.RemoveParameter(name);
                context.Reject(Errors.InvalidRequest, "A parameter has a NUL character.");
            }
            else if (values.All(string.IsNullOrEmpty))
            {
                request.RemoveParameter(name);
            }
        }

        return ValueTask.CompletedTask;
    }

    private static bool HasNul(string? text) => text?.Contains('\0', StringComparison.Ordinal) == true;
}
