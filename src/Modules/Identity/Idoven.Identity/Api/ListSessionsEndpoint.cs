using Idoven.Identity.Application;
using Idoven.Shared.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.Api;

/// <param name="ClientId">The client that was signed in through.</param>
/// <param name="Current">Whether the request's own token belongs to it.</param>
internal sealed record SessionResponse(Guid Id, string ClientId, DateTimeOffset CreatedAt, DateTimeOffset LastUsedAt, bool Current);

internal sealed record SessionsResponse(IReadOnlyList<SessionResponse> Items);

internal static class ListSessionsEndpoint
{
    public static void MapListSessions(this IEndpointRouteBuilder account) => account.MapGet("sessions", Handle)
        .RequireAuthorization(Policies.OwnAccount)
        .WithName("ListSessions")
        .WithSummary("List one's own sessions, the newest first")
        .Produces<SessionsResponse>()
        .ProducesProblem(StatusCodes.Status401Unauthorized)
        .ProducesProblem(StatusCodes.Status403Forbidden);

    private static async Task<Ok<SessionsResponse>> Handle(CurrentCaller caller, ISessions sessions, CancellationToken ct)
    {
        var found = await sessions.List(RouteId.Of(caller.Subject), ct);
        return TypedResults.Ok(new SessionsResponse(
            [.. found.Select(session => new SessionResponse(
                session.Id, session.ClientId, session.CreatedAt, session.LastUsedAt, session.Id.ToString() == caller.SessionId))]));
    }
}
