using Idoven.Identity.Application;
using Idoven.Shared.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.Api;

internal static class GetClientEndpoint
{
    public static void MapGetClient(this IEndpointRouteBuilder clients) => clients.MapGet("{id}", Handle)
        .RequireAuthorization(Policies.ClientsManage)
        .WithName("GetClient")
        .WithSummary("Read a client")
        .Produces<ClientResponse>()
        .ProducesProblem(StatusCodes.Status401Unauthorized)
        .ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<Results<Ok<ClientResponse>, ProblemHttpResult>> Handle(string id, IClients clients, CancellationToken ct) =>
        await clients.Find(id, ct) is { } client ? TypedResults.Ok(ClientResponse.Of(client)) : Problems.NotFound();
}
