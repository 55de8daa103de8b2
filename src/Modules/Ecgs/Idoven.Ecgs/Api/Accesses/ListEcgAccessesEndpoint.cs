using System.ComponentModel.DataAnnotations;
using Idoven.Ecgs.Api.Common;
using Idoven.Ecgs.Application;
using Idoven.Ecgs.Application.Accesses;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Ecgs.Api.Accesses;

/// <summary>Represents one or more accesses of a caller to an ECG within ten seconds.</summary>
/// <param name="Id">The entry's id.</param>
/// <param name="At">The time of the first of these accesses, UTC.</param>
/// <param name="Action">The action that was performed or tried, for example <c>ecg.read_insights</c>.</param>
/// <param name="Outcome"><c>allowed</c>, or the code of the reason why the access failed.</param>
/// <param name="Count">The number of accesses that the entry represents.</param>
/// <param name="Subject">The caller: a user's id, <c>client:</c> and the id of a machine client, or <c>host</c> for an operator.</param>
/// <param name="ClientId">The client that the caller used; null if there is none.</param>
/// <param name="SessionId">The session; null for machine clients, and for callers other than the reader.</param>
/// <param name="Address">The IP address of the first of these accesses; null for callers other than the reader.</param>
/// <param name="TraceId">The trace of the first of these accesses.</param>
internal sealed record EcgAccessResponse(
    Guid Id, DateTimeOffset At, string Action, string Outcome, [property: Range(1, int.MaxValue)] int Count, string Subject,
    string? ClientId, Guid? SessionId, string? Address, string? TraceId)
{
    public const string Example =
        """
        {"id":"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0f","at":"2026-11-23T09:15:00+00:00","action":"ecg.read_insights","outcome":"allowed",
        "count":3,"subject":"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0e","clientId":"idoven-cli",
        "sessionId":"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0c","address":"192.0.2.7","traceId":"4bf92f3577b34da6a3ce929d0e0e4736"}
        """;

    /// <summary>Creates the response for a reader, who does not see the address and session of others.</summary>
    public static EcgAccessResponse FromAccess(EcgAccess access, string reader) => new(
        access.Id, access.At, access.Action, access.Outcome, access.Count, access.Subject, access.ClientId,
        access.Subject == reader ? access.SessionId : null, access.Subject == reader ? access.Address?.ToString() : null, access.TraceId);
}

internal static class ListEcgAccessesEndpoint
{
    public static void MapListEcgAccesses(this IEndpointRouteBuilder ecgs) => ecgs.MapGet("{id}/accesses", Handle)
        .RequireAuthorization(EcgsPolicies.EcgsRead)
        .LogsAccess(AccessActions.ReadAccesses)
        .WithName("ListEcgAccesses")
        .WithSummary("List the accesses to your own ECG, newest first")
        .WithDescription(
            "The list has pages. Send next of a page as cursor to read the following page, until next is null. "
            + "An access appears after about a second and is kept for 400 days, unless the installation has another setting.")
        .Paged()
        .Returns<Page<EcgAccessResponse>>(
            StatusCodes.Status200OK, "A page of accesses.", DescribeExtensions.PageOf(EcgAccessResponse.Example), "Link");

    private static async Task<Results<Ok<Page<EcgAccessResponse>>, ProblemHttpResult>> Handle(
        string id, HttpContext context, CurrentCaller caller, ICurrentAccess access, IEcgs ecgs, IAccesses accesses,
        string? cursor, int limit = Paging.DefaultLimit, CancellationToken ct = default)
    {
        if (await ecgs.Find(RouteId.Parse(id), caller.Subject, ct) is not { } ecg)
        {
            return Problems.NotFound();
        }

        access.SetEcg(ecg.Id, ecg.OwnerId);
        var list = $"accesses\n{ecg.Id}";
        if (Paging.Read(limit, cursor, list, out var before) is { } problem)
        {
            return problem;
        }

        var found = await accesses.List(ecg.Id, ecg.OwnerId, before, limit, ct);
        return TypedResults.Ok(
            Paging.ToPage(context, found, limit, list, row => row.Id, row => EcgAccessResponse.FromAccess(row, caller.Subject)));
    }
}
