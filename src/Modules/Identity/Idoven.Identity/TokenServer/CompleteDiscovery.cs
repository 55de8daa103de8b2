using System.Text.Json;
using Idoven.Identity.TokenServer.Clients;
using Idoven.Identity.TokenServer.Endpoints;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.TokenServer;

/// <summary>
/// Adds to the discovery document what OpenIddict leaves out: that public clients are accepted, the algorithms that a client may sign its
/// assertions with (RFC 8414), and that a client can ask for a second factor.
/// </summary>
internal sealed class CompleteDiscovery : IOpenIddictServerHandler<OpenIddictServerEvents.HandleConfigurationRequestContext>
{
    private const string None = "none";
    private static readonly string[] EndpointsWithAssertions = ["token", "revocation", "introspection"];

    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<OpenIddictServerEvents.HandleConfigurationRequestContext>()
            .UseSingletonHandler<CompleteDiscovery>()
            .SetOrder(int.MaxValue)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public ValueTask HandleAsync(OpenIddictServerEvents.HandleConfigurationRequestContext context)
    {
        context.TokenEndpointAuthenticationMethods.Add(None);
        context.RevocationEndpointAuthenticationMethods.Add(None);
        context.DeviceAuthorizationEndpointAuthenticationMethods.Add(None);
        var algorithms = JsonSerializer.SerializeToElement(AcceptUntypedAssertions.Algorithms);
        foreach (var endpoint in EndpointsWithAssertions)
        {
            context.Metadata[$"{endpoint}_endpoint_auth_signing_alg_values_supported"] = new OpenIddictParameter(algorithms);
        }

        context.Metadata["acr_values_supported"] = new OpenIddictParameter(
            JsonSerializer.SerializeToElement(new[] { TokenClaims.SeveralFactors }));
        return ValueTask.CompletedTask;
    }
}
