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

/// <summary>A signed-in person sees and ends the own sessions, here and everywhere.</summary>
internal static class SessionEndpoints
{
    public static void MapSessions(this IEndpointRouteBuilder account)
    {
        account.MapGet("sessions", List)
            .RequireAuthorization(Policies.OwnAccount)
            .WithName("ListSessions")
            .WithSummary("List one's own sessions, the newest first")
            .Produces<SessionsResponse>()
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden);
        account.MapDelete("sessions/{id}", End)
            .RequireAuthorization(Policies.OwnAccount)
            .WithName("EndSession")
            .WithSummary("End one of one's own sessions")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound);
        account.MapDelete("sessions", EndAll)
            .RequireAuthorization(Policies.OwnAccount)
            .WithName("EndAllSessions")
            .WithSummary("Sign out everywhere, here too")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden);
    }

    private static async Task<Ok<SessionsResponse>> List(CurrentCaller caller, ISessions sessions, CancellationToken ct)
    {
        var found = await sessions.List(RouteId.Of(caller.Subject), ct);
        return TypedResults.Ok(new SessionsResponse(
            [.. found.Select(session => new SessionResponse(
                session.Id, session.ClientId, session.CreatedAt, session.LastUsedAt, session.Id.ToString() == caller.SessionId))]));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> End(string id, CurrentCaller caller, EndSessionHandler handler, CancellationToken ct) =>
        await handler.Handle(RouteId.Of(caller.Subject), RouteId.Of(id), ct) ? TypedResults.NoContent() : Problems.NotFound();

    private static async Task<NoContent> EndAll(CurrentCaller caller, EndAllSessionsHandler handler, CancellationToken ct)
    {
        await handler.Handle(RouteId.Of(caller.Subject), ct);
        return TypedResults.NoContent();
    }
}
