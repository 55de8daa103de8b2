using Idoven.Ecgs.Api.Accesses;
using Idoven.Ecgs.Api.Common;
using Idoven.Ecgs.Application;
using Idoven.Ecgs.Application.Accesses;
using Idoven.Ecgs.Domain;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Ecgs.Api;

internal static class ListEcgsEndpoint
{
    public static void MapListEcgs(this IEndpointRouteBuilder ecgs) => ecgs.MapGet("", Handle)
        .RequireAuthorization(EcgsPolicies.EcgsRead)
        .LogsAccess(AccessActions.List)
        .WithName("ListEcgs")
        .WithSummary("List your own ECGs, newest upload first")
        .WithDescription("The list has pages. Send next of a page as cursor to read the following page, until next is null.")
        .Paged()
        .Takes("from", "Only ECGs recorded at this time or later; ISO 8601 with offset.", "\"2026-11-01T00:00:00Z\"")
        .Takes("to", "Only ECGs recorded before this time; ISO 8601 with offset.", "\"2026-12-01T00:00:00Z\"")
        .Takes("status", "Only ECGs with this status.", "\"processed\"", values: [.. EcgStatusText.All])
        .Takes("externalId", "Only ECGs with this externalId.", "\"study-7\"")
        .Returns<Page<EcgResponse>>(StatusCodes.Status200OK, "A page of ECGs.", DescribeExtensions.PageOf(EcgResponse.Example), "Link");

    private static async Task<Results<Ok<Page<EcgResponse>>, ProblemHttpResult>> Handle(
        HttpContext context, CurrentCaller caller, IEcgs ecgs, DateTimeOffset? from, DateTimeOffset? to, string? status, string? externalId,
        string? cursor, int limit = Paging.DefaultLimit, CancellationToken ct = default)
    {
        var wanted = EcgStatusText.Parse(status);
        if (status is not null && wanted is null)
        {
            return Problems.BadRequest("status must be queued, processed or failed.");
        }

        var filter = new EcgFilter(caller.Subject, from?.ToUniversalTime(), to?.ToUniversalTime(), wanted, externalId, After: null, limit);
        var list = $"{filter.OwnerId}\n{filter.From:O}\n{filter.To:O}\n{filter.Status}\n{filter.ExternalId}";
        if (Paging.Read(limit, cursor, list, out var after) is { } problem)
        {
            return problem;
        }

        var found = await ecgs.List(filter with { After = after }, ct);
        return TypedResults.Ok(Paging.ToPage(context, found, limit, list, ecg => ecg.Id, EcgResponse.FromEcg));
    }
}
