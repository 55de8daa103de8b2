using Idoven.Identity.Common;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.Clients;

internal static class ListClientsEndpoint
{
    public static void MapListClients(this IEndpointRouteBuilder clients) => clients.MapGet("", Handle)
        .RequireAuthorization(IdentityPolicies.ClientsManage)
        .WithName("ListClients")
        .WithSummary("List the clients, in the order of their registration")
        .WithDescription("The list has pages: send next of a page as cursor to get the following one, until next is null.")
        .Paged()
        .Returns<Page<ClientResponse>>(
            StatusCodes.Status200OK, "A page of clients.", DescribeExtensions.PageOf(ClientResponse.Example), "Link");

    private static async Task<Results<Ok<Page<ClientResponse>>, ProblemHttpResult>> Handle(
        HttpContext context, IClients clients, string? cursor, int limit = Paging.DefaultLimit, CancellationToken ct = default)
    {
        const string list = "clients";
        return Paging.Read(limit, cursor, list, out var after) is { } problem
            ? problem
            : TypedResults.Ok(Paging.ToPage(
                context, await clients.List(after, limit, ct), limit, list, client => client.Key, ClientResponse.FromClient));
    }
}
