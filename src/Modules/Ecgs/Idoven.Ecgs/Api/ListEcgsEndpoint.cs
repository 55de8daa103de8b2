using Idoven.Ecgs.Application;
using Idoven.Ecgs.Domain;
using Idoven.Shared.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Ecgs.Api;

internal static class ListEcgsEndpoint
{
    public static void MapListEcgs(this IEndpointRouteBuilder ecgs) => ecgs.MapGet("", Handle)
        .RequireAuthorization(Policies.EcgsRead)
        .WithName("ListEcgs")
        .WithSummary("List own ECGs, newest upload first")
        .Produces<Page<EcgResponse>>()
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status401Unauthorized)
        .ProducesProblem(StatusCodes.Status403Forbidden);

    private static async Task<Results<Ok<Page<EcgResponse>>, ProblemHttpResult>> Handle(
        HttpContext context, CurrentCaller caller, IEcgs ecgs, DateTimeOffset? from, DateTimeOffset? to, string? status, string? externalId,
        string? cursor, int limit = Paging.DefaultLimit, CancellationToken ct = default)
    {
        var wanted = EcgStatusText.Parse(status);
        if (status is not null && wanted is null)
        {
            return Problems.BadRequest("status is queued, processed or failed.");
        }

        var filter = new EcgFilter(caller.Subject, from?.ToUniversalTime(), to?.ToUniversalTime(), wanted, externalId, After: null, limit);
        var list = $"{filter.OwnerId}\n{filter.From:O}\n{filter.To:O}\n{filter.Status}\n{filter.ExternalId}";
        if (Paging.Read(limit, cursor, list, out var after) is { } problem)
        {
            return problem;
        }

        var found = await ecgs.List(filter with { After = after }, ct);
        return TypedResults.Ok(Paging.Of(context, found, limit, list, ecg => ecg.Id, EcgResponse.Of));
    }
}
