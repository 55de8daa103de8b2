using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Idoven.Identity.ClientEnrolment;
using Idoven.Identity.Common;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Bodies;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.Clients;

/// <summary>A client to be registered.</summary>
/// <param name="Name">The name that users read.</param>
/// <param name="Scopes">
/// The scopes, each only once. A machine client may have <c>ecgs:read</c>, <c>ecgs:write</c>, <c>users:read</c> and <c>users:write</c>;
/// others are granted on the host. An application that users sign in through may have the others of this list; <c>ecgs:read</c> and
/// <c>ecgs:write</c> are granted on the host.
/// </param>
/// <param name="RedirectUris">
/// The addresses that users may be sent back to after the sign-in. They make the client an application that users sign in through.
/// </param>
/// <param name="PostLogoutRedirectUris">The addresses that users may be sent back to after the sign-out.</param>
/// <param name="Public">Whether the client cannot keep a secret; it gets none.</param>
/// <param name="DeviceFlow">
/// Whether users sign in for the client on another device, because it has no browser or no keyboard.
/// </param>
/// <param name="Jwks">
/// The public keys that the client signs with; it gets no secret. Not accepted for a machine client with a scope for ECGs, which sends its
/// keys itself.
/// </param>
internal sealed record RegisterClientRequest(
    [property: Length(1, ClientName.MaxLength)] string Name,
    [property: MinLength(1), AllowedValues(
        "ecgs:read", "ecgs:write", "users:read", "users:write", "openid", "profile", "offline_access", "clients:manage", "operations")]
    IReadOnlyList<string> Scopes,
    [property: MaxLength(RegisterClientHandler.MaxAddresses)] IReadOnlyList<string>? RedirectUris = null,
    [property: MaxLength(RegisterClientHandler.MaxAddresses)] IReadOnlyList<string>? PostLogoutRedirectUris = null,
    bool Public = false,
    bool DeviceFlow = false,
    ClientKeys? Jwks = null);

/// <summary>The client that was registered, and its secret or its enrolment.</summary>
/// <param name="Client">The client, whose members are members of the response.</param>
/// <param name="Secret">
/// The secret, which cannot be read again; null if the client has none, or if the request is repeated with its Idempotency-Key.
/// </param>
/// <param name="Enrolment">
/// The enrolment of a machine client with a scope for ECGs, which cannot be read again; null for any other client, or if the request is
/// repeated with its Idempotency-Key.
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
        .WithSummary("Register a client; its secret or enrolment token cannot be read again")
        .WithDescription(
            "A machine client acts for itself with client_credentials and owns what it uploads. With redirectUris or deviceFlow the client "
            + "is an application that users sign in through. The service creates id and secret; a client with jwks gets no secret. "
            + "A machine client with a scope for ECGs gets no credential here: it exchanges the enrolment token for its secret, or "
            + "registers its keys with it.")
        .Reads<RegisterClientRequest>("""{"name":"Gateway of ward 7","scopes":["ecgs:read","ecgs:write"]}""")
        .Idempotent()
        .Returns<RegisteredClientResponse>(
            StatusCodes.Status201Created, "The client is registered.", RegisteredClientResponse.Example, "Location");

    private static async Task<Results<Created<RegisteredClientResponse>, ProblemHttpResult>> Handle(
        HttpContext context, RegisterClientHandler handler, CancellationToken ct)
    {
        var (request, key) = await JsonBody.ReadWithKey<RegisterClientRequest>(context, ct);
        try
        {
            var (client, secret, enrolment) = await handler.Handle(
                new ClientRegistration(
                    request.Name, request.Scopes, request.RedirectUris ?? [], request.PostLogoutRedirectUris ?? [], request.Public,
                    request.DeviceFlow, request.Jwks),
                key, ct);
            if (client is null)
            {
                return Problems.NotFound();
            }

            var shown = enrolment is null ? null : EnrolmentResponse.FromEnrolment(enrolment);
            var response = new RegisteredClientResponse(ClientResponse.FromClient(client), secret, shown);
            return TypedResults.Created($"/api/v1/clients/{client.Id}", response);
        }
        catch (ClientRuleException e)
        {
            return Problems.BadRequest("The body is not valid.", new ProblemError(e.Pointer, e.Message));
        }
    }
}
