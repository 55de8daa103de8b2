using Idoven.Identity.Common;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.Clients;

internal static class DeleteClientEndpoint
{
    public static void MapDeleteClient(this IEndpointRouteBuilder clients) => clients.MapDelete("{id}", Handle)
        .RequireAuthorization(IdentityPolicies.ClientsManage)
        .Audits(ModuleName.Value, AuditActions.DeleteClient)
        .WithName("DeleteClient")
        .WithSummary("Delete a client and erase all that it owns")
        .WithDescription("The client gets no tokens, its existing ones are rejected within a second, and its ECGs are erased.")
        .Returns(StatusCodes.Status204NoContent, "The client is deleted.");

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        string id, DeleteClientHandler handler, CancellationToken ct) =>
        await handler.Handle(id, ct) ? TypedResults.NoContent() : Problems.NotFound();
}
