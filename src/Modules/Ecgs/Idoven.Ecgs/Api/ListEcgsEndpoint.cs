using Idoven.Ecgs.Application;
using Idoven.Ecgs.Domain;
using Idoven.Shared.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;

namespace Idoven.Ecgs.Api;

/// <summary>One page, newest upload first.</summary>
/// <param name="Next">The cursor of the following page; absent on the last.</param>
internal sealed record EcgPage(IReadOnlyList<EcgResponse> Items, string? Next);

internal static class ListEcgsEndpoint
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;

    public static void MapListEcgs(this IEndpointRouteBuilder ecgs) => ecgs.MapGet("", Handle)
        .RequireAuthorization(Policies.EcgsRead)
        .WithName("ListEcgs")
        .WithSummary("List own ECGs, newest upload first")
        .Produces<EcgPage>()
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status401Unauthorized)
        .ProducesProblem(StatusCodes.Status403Forbidden);

    private static async Task<Results<Ok<EcgPage>, ProblemHttpResult>> Handle(
        HttpContext context, CurrentCaller caller, IEcgs ecgs, DateTimeOffset? from, DateTimeOffset? to, string? status, string? externalId,
        string? cursor, int limit = DefaultLimit, CancellationToken ct = default)
    {
        if (limit is < 1 or > MaxLimit)
        {
            return Problems.BadRequest($"limit lies between 1 and {MaxLimit}.");
        }

        var wanted = EcgStatusText.Parse(status);
        if (status is not null && wanted is null)
        {
            return Problems.BadRequest("status is queued, processed or failed.");
        }

        var filter = new EcgFilter(caller.Subject, from?.ToUniversalTime(), to?.ToUniversalTime(), wanted, externalId, After: null, limit);
        if (cursor is not null)
        {
            if (!Cursor.TryRead(cursor, filter, out var after))
            {
                return Problems.BadRequest("cursor is not one that this list with these filters gave out.");
            }

            filter = filter with { After = after };
        }

        var found = await ecgs.List(filter, ct);
        var items = found.Take(limit).Select(EcgResponse.Of).ToList();
        var next = found.Count > limit ? Cursor.Write(items[^1].Id, filter) : null;
        if (next is not null)
        {
            var query = context.Request.Query.Where(pair => pair.Key != "cursor").Append(new("cursor", next));
            context.Response.Headers.Link = $"<{QueryHelpers.AddQueryString(context.Request.Path, query)}>; rel=\"next\"";
        }

        return TypedResults.Ok(new EcgPage(items, next));
    }
}
