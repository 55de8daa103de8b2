using Idoven.Identity.Common;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.Sessions;

/// <summary>A session: a sign-in that has not ended.</summary>
/// <param name="Id">The <c>sid</c> claim of its tokens.</param>
/// <param name="ClientId">The client that the user signed in with.</param>
/// <param name="CreatedAt">The time of the sign-in.</param>
/// <param name="LastUsedAt">The time when a token was last issued in it.</param>
/// <param name="Current">Whether the token of this request belongs to it.</param>
/// <param name="First">The address and program of the sign-in.</param>
/// <param name="Last">The address and program that a token was last issued to.</param>
internal sealed record SessionResponse(
    Guid Id, string ClientId, DateTimeOffset CreatedAt, DateTimeOffset LastUsedAt, bool Current, PlaceResponse First, PlaceResponse Last);

/// <summary>The address and the program of a request.</summary>
/// <param name="Address">The IP address that the service received the request from; null if it was not stored.</param>
/// <param name="Agent">The program and its operating system, if the service knows them; null if the request did not name any.</param>
internal sealed record PlaceResponse(string? Address, string? Agent);

/// <summary>The caller's own sessions.</summary>
/// <param name="Items">The sessions, newest first.</param>
internal sealed record SessionsResponse(IReadOnlyList<SessionResponse> Items)
{
    public const string Example =
        """
        {"items":[{"id":"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0f","clientId":"idoven-cli","createdAt":"2026-11-23T09:15:00+00:00",
        "lastUsedAt":"2026-11-23T09:45:00+00:00","current":true,"first":{"address":"192.0.2.7","agent":"Firefox on Linux"},
        "last":{"address":"192.0.2.7","agent":"Firefox on Linux"}}]}
        """;
}

internal static class ListSessionsEndpoint
{
    public static void MapListSessions(this IEndpointRouteBuilder account) => account.MapGet("sessions", Handle)
        .RequireAuthorization(IdentityPolicies.OwnAccount)
        .WithName("ListSessions")
        .WithSummary("List the caller's own sessions, newest first")
        .WithDescription("Each sign-in starts a session.")
        .Returns<SessionsResponse>(StatusCodes.Status200OK, "The sessions.", SessionsResponse.Example);

    private static async Task<Ok<SessionsResponse>> Handle(CurrentCaller caller, ISessions sessions, CancellationToken ct)
    {
        var found = await sessions.List(RouteId.Parse(caller.Subject), ct);
        return TypedResults.Ok(new SessionsResponse(
            [.. found.Select(session => new SessionResponse(
                session.Id, session.ClientId, session.CreatedAt, session.LastUsedAt, session.Id.ToString() == caller.SessionId,
                new PlaceResponse(session.FirstAddress?.ToString(), session.FirstAgent),
                new PlaceResponse(session.LastAddress?.ToString(), session.LastAgent)))]));
    }
}
