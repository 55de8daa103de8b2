using Idoven.Identity.Application;
using Idoven.Shared.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.Api;

/// <param name="Secret">Shown this once: null where the request is repeated under its key.</param>
internal sealed record ClientSecretResponse(string? Secret);

internal static class RotateClientSecretEndpoint
{
    public static void MapRotateClientSecret(this IEndpointRouteBuilder clients) => clients.MapPost("{id}/secrets", Handle)
        .RequireAuthorization(Policies.ClientsManage)
        .WithName("RotateClientSecret")
        .WithSummary("Add a secret; the one before stays until the next, an older one ends")
        .Produces<ClientSecretResponse>(StatusCodes.Status201Created)
        .ProducesProblem(StatusCodes.Status401Unauthorized)
        .ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<Results<Created<ClientSecretResponse>, ProblemHttpResult>> Handle(
        string id, HttpContext context, RotateClientSecretHandler handler, CancellationToken ct)
    {
        var (isFound, secret) = await handler.Handle(id, await JsonBody.ReadKey(context, ct), ct);
        return isFound ? TypedResults.Created((string?)null, new ClientSecretResponse(secret)) : Problems.NotFound();
    }
}
