using Idoven.Identity.Common;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.Clients;

internal static class GetClientEndpoint
{
    public static void MapGetClient(this IEndpointRouteBuilder clients) => clients.MapGet("{id}", Handle)
        .RequireAuthorization(IdentityPolicies.ClientsChange)
        .WithName("GetClient")
        .WithSummary("Read a client")
        .WithDescription(
            "Secrets cannot be read again. A machine client reads only itself, with a token with the scope clients:self.")
        .Returns<ClientResponse>(StatusCodes.Status200OK, "The client.", ClientResponse.Example, "ETag");

    private static async Task<Results<Ok<ClientResponse>, ProblemHttpResult>> Handle(
        string id, HttpContext context, CurrentCaller caller, IClients clients, CancellationToken ct)
    {
        if (!caller.MaySee(id) || await clients.Find(id, ct) is not { } client)
        {
            return Problems.NotFound();
        }

        Conditional.SetTag(context, client.Version);
        return TypedResults.Ok(ClientResponse.FromClient(client));
    }
}
