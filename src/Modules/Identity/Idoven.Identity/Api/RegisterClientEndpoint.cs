using Idoven.Identity.Application;
using Idoven.Shared.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.Api;

/// <param name="Scopes">Of a machine client <c>ecgs:read</c>, <c>ecgs:write</c>, <c>users:read</c>, <c>users:write</c>; one that people sign in through may ask for all that a role has.</param>
/// <param name="RedirectUris">Makes it a client that people sign in through, and none that acts for itself.</param>
/// <param name="Public">It cannot keep a secret, and gets none.</param>
internal sealed record RegisterClientRequest(
    string Name, IReadOnlyList<string> Scopes, IReadOnlyList<string>? RedirectUris = null, IReadOnlyList<string>? PostLogoutRedirectUris = null, bool Public = false);

/// <param name="Secret">Shown this once.</param>
internal sealed record RegisteredClientResponse(ClientResponse Client, string? Secret) : ClientResponse(Client);

internal static class RegisterClientEndpoint
{
    public static void MapRegisterClient(this IEndpointRouteBuilder clients) => clients.MapPost("", Handle)
        .RequireAuthorization(Policies.ClientsManage)
        .WithName("RegisterClient")
        .WithSummary("Register a client; its secret is shown this once")
        .Produces<RegisteredClientResponse>(StatusCodes.Status201Created)
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status401Unauthorized)
        .ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);

    private static async Task<Results<Created<RegisteredClientResponse>, ProblemHttpResult>> Handle(
        HttpContext context, RegisterClientHandler handler, CancellationToken ct)
    {
        var request = await JsonBody.Read<RegisterClientRequest>(context.Request, ct);
        try
        {
            var (client, secret) = await handler.Handle(
                new ClientRegistration(request.Name, request.Scopes, request.RedirectUris ?? [], request.PostLogoutRedirectUris ?? [], request.Public), ct);
            return TypedResults.Created($"/api/v1/clients/{client.Id}", new RegisteredClientResponse(ClientResponse.Of(client), secret));
        }
        catch (ClientRuleException e)
        {
            return Problems.BadRequest("The body breaks a rule.", new ProblemError(e.Pointer, e.Message));
        }
    }
}
