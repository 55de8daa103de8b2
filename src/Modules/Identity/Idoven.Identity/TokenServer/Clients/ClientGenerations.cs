using System.Globalization;
using System.Security.Claims;
using Idoven.Identity.TokenServer.Endpoints;
using Idoven.Shared.Web.Authorization;
using OpenIddict.Abstractions;
using OpenIddict.EntityFrameworkCore.Models;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.TokenServer.Clients;

/// <summary>Every token says which generation of its client it was given to, so that those of a client that was disabled can be told from later ones.</summary>
internal sealed class AddClientGeneration(IOpenIddictApplicationManager clients) : IOpenIddictServerHandler<OpenIddictServerEvents.ProcessSignInContext>
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
            && await clients.Generation(id, context.CancellationToken) is { } generation)
        {
            // A machine is its own subject, and so has one generation.
            var name = CurrentCaller.IsMachineSubject(principal.GetClaim(Claims.Subject)) ? TokenClaims.Generation : TokenClaims.ClientGeneration;
            foreach (var claim in identity.FindAll(name).ToArray())
            {
                identity.RemoveClaim(claim);
            }

            identity.AddClaim(new Claim(name, generation.ToString(CultureInfo.InvariantCulture), ClaimValueTypes.Integer32).SetDestinations(Destinations.AccessToken));
        }
    }
}

internal static class ClientGenerations
{
    /// <returns>Null where there is no such client, or it is disabled.</returns>
    public static async Task<int?> Generation(this IOpenIddictApplicationManager clients, string id, CancellationToken ct) =>
        await clients.FindByClientIdAsync(id, ct) is OpenIddictEntityFrameworkCoreApplication<Guid> client ? ClientState.Read(client.Properties).Generation : null;
}
