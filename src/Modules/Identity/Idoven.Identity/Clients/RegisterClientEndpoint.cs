using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Idoven.Identity.ClientEnrolment;
using Idoven.Identity.Common;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Bodies;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.Clients;

/// <summary>A client to be registered.</summary>
/// <param name="Name">For people: what it is.</param>
/// <param name="Scopes">
/// Each once. Of a machine client <c>ecgs:read</c>, <c>ecgs:write</c>, <c>users:read</c>, <c>users:write</c>, others are granted on the host; one that people
/// sign in through may ask for all that a role has, but <c>ecgs:read</c> and <c>ecgs:write</c>, which it is granted on the host.
/// </param>
/// <param name="RedirectUris">Makes it a client that people sign in through, and none that acts for itself.</param>
/// <param name="PostLogoutRedirectUris">Where people come back to after sign-out.</param>
/// <param name="Public">It cannot keep a secret, and gets none.</param>
/// <param name="DeviceFlow">Makes it a client that people sign in for on another device: it has no browser, or no keyboard.</param>
/// <param name="Jwks">
/// The public keys that it signs with: it gets no secret. Not of a machine client with a scope for ECGs, which sends them itself.
/// </param>
internal sealed record RegisterClientRequest(
    [property: Length(1, ClientName.MaxLength)] string Name,
    [property: MinLength(1), AllowedValues(
        "ecgs:read", "ecgs:write", "users:read", "users:write", "openid", "profile", "offline_access", "clients:manage", "operations")] IReadOnlyList<string> Scopes,
    [property: MaxLength(RegisterClientHandler.MaxAddresses)] IReadOnlyList<string>? RedirectUris = null,
    [property: MaxLength(RegisterClientHandler.MaxAddresses)] IReadOnlyList<string>? PostLogoutRedirectUris = null,
    bool Public = false,
    bool DeviceFlow = false,
    ClientKeys? Jwks = null);

/// <summary>The client that was registered, and its secret or its enrolment.</summary>
/// <param name="Client">The client, whose members stand here.</param>
/// <param name="Secret">Shown this once: null where the request is repeated under its key, and where the client has none.</param>
/// <param name="Enrolment">
/// Of a machine client with a scope for ECGs, shown this once: null where the request is repeated under its key, and of any other client.
/// </param>
internal sealed record RegisteredClientResponse(
    [property: JsonIgnore] ClientResponse Client,
    [property: JsonPropertyOrder(1)] string? Secret,
    [property: JsonPropertyOrder(2)] EnrolmentResponse? Enrolment) : ClientResponse(Client)
{
    public static new readonly string Example = $$"""{{{MembersOfNew}},"secret":null,"enrolment":{{EnrolmentResponse.Example}}}""";

    private static string MembersOfNew => ClientResponse.Example.Trim().TrimStart('{')[..^1]
        .Replace("\"liveSecrets\":1", "\"liveSecrets\":0", StringComparison.Ordinal)
        .Replace("\"enrolling\":false", "\"enrolling\":true", StringComparison.Ordinal);
}

internal static class RegisterClientEndpoint
{
    public static void MapRegisterClient(this IEndpointRouteBuilder clients) => clients.MapPost("", Handle)
        .RequireAuthorization(IdentityPolicies.ClientsManage)
        .Audits(ModuleName.Value, AuditActions.RegisterClient)
        .WithName("RegisterClient")
        .WithSummary("Register a client; its secret or its enrolment token is shown this once")
        .WithDescription(
            "A program that acts for itself with client_credentials: what it uploads is its own. With redirectUris or deviceFlow one that people "
            + "sign in through. The service makes id and secret; who gives jwks signs instead, and gets none. A machine client with a scope for ECGs "
            + "gets neither: it exchanges the enrolment token for its secret, or registers its keys with it.")
        .Reads<RegisterClientRequest>("""{"name":"Gateway of ward 7","scopes":["ecgs:read","ecgs:write"]}""")
        .Idempotent()
        .Returns<RegisteredClientResponse>(StatusCodes.Status201Created, "The client is registered.", RegisteredClientResponse.Example, "Location");

    private static async Task<Results<Created<RegisteredClientResponse>, ProblemHttpResult>> Handle(
        HttpContext context, RegisterClientHandler handler, CancellationToken ct)
    {
        var (request, key) = await JsonBody.ReadWithKey<RegisterClientRequest>(context, ct);
        try
        {
            var (client, secret, enrolment) = await handler.Handle(
                new ClientRegistration(
                    request.Name, request.Scopes, request.RedirectUris ?? [], request.PostLogoutRedirectUris ?? [], request.Public, request.DeviceFlow, request.Jwks),
                key, ct);
            if (client is null)
            {
                return Problems.NotFound();
            }

            var shown = enrolment is null ? null : EnrolmentResponse.FromEnrolment(enrolment);
            return TypedResults.Created($"/api/v1/clients/{client.Id}", new RegisteredClientResponse(ClientResponse.FromClient(client), secret, shown));
        }
        catch (ClientRuleException e)
        {
            return Problems.BadRequest("The body is not valid.", new ProblemError(e.Pointer, e.Message));
        }
    }
}
