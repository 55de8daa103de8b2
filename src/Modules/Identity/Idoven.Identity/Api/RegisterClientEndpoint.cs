using Idoven.Identity.Application;
using Idoven.Shared.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.Api;

/// <param name="Scopes"><c>ecgs:read</c>, <c>ecgs:write</c>, <c>users:read</c>, <c>users:write</c>.</param>
internal sealed record RegisterClientRequest(string Name, IReadOnlyList<string> Scopes);

/// <param name="Secret">Shown this once: null where the request is repeated under its key.</param>
internal sealed record RegisteredClientResponse(ClientResponse Client, string? Secret) : ClientResponse(Client);

internal static class RegisterClientEndpoint
{
    public static void MapRegisterClient(this IEndpointRouteBuilder clients) => clients.MapPost("", Handle)
        .RequireAuthorization(Policies.ClientsManage)
        .WithName("RegisterClient")
        .WithSummary("Register a machine client; its secret is shown this once")
        .Produces<RegisteredClientResponse>(StatusCodes.Status201Created)
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status401Unauthorized)
        .ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);

    private static async Task<Results<Created<RegisteredClientResponse>, ProblemHttpResult>> Handle(
        HttpContext context, RegisterClientHandler handler, CancellationToken ct)
    {
        var (request, key) = await JsonBody.ReadWithKey<RegisterClientRequest>(context, ct);
        try
        {
            var (client, secret) = await handler.Handle(request.Name, request.Scopes, key, ct);
            return client is null
                ? Problems.NotFound()
                : TypedResults.Created($"/api/v1/clients/{client.Id}", new RegisteredClientResponse(ClientResponse.Of(client), secret));
        }
        catch (ClientRuleException e)
        {
            return Problems.BadRequest("The body breaks a rule.", new ProblemError(e.Pointer, e.Message));
        }
    }
}
