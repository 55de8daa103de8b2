using System.Globalization;
using System.Security.Claims;
using Idoven.Identity.TokenServer.Endpoints;
using Idoven.Shared.Web.Authorization;
using OpenIddict.Abstractions;
using OpenIddict.EntityFrameworkCore.Models;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.TokenServer.Clients;

/// <summary>
/// Adds the generation of the client to every token, so that tokens from before a client was disabled can be recognised.
/// </summary>
internal sealed class AddClientGeneration(IOpenIddictApplicationManager clients)
    : IOpenIddictServerHandler<OpenIddictServerEvents.ProcessSignInContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<OpenIddictServerEvents.ProcessSignInContext>()
            .UseScopedHandler<AddClientGeneration>()
            .SetOrder(OpenIddictServerHandlers.ValidateSignInDemand.Descriptor.Order + 1)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public async ValueTask HandleAsync(OpenIddictServerEvents.ProcessSignInContext context)
    {
        if (context.Principal is { Identity: ClaimsIdentity identity } principal
            && principal.GetClaim(Claims.ClientId) is { } id
            && await clients.FindGeneration(id, context.CancellationToken) is { } generation)
        {
            // A machine client is its own subject, so its token has only one generation.
            var name = CurrentCaller.IsMachineSubject(principal.GetClaim(Claims.Subject))
                ? TokenClaims.Generation
                : TokenClaims.ClientGeneration;
            foreach (var claim in identity.FindAll(name).ToArray())
            {
                identity.RemoveClaim(claim);
            }

            var added = new Claim(name, generation.ToString(CultureInfo.InvariantCulture), ClaimValueTypes.Integer32);
            identity.AddClaim(added.SetDestinations(Destinations.AccessToken));
        }
    }
}

internal static class ClientGenerations
{
    /// <returns>Null if the client does not exist or is disabled.</returns>
    public static async Task<int?> FindGeneration(this IOpenIddictApplicationManager clients, string id, CancellationToken ct) =>
        await clients.FindByClientIdAsync(id, ct) is OpenIddictEntityFrameworkCoreApplication<Guid> client
            ? ClientState.Read(client.Properties).Generation
            : null;
}
