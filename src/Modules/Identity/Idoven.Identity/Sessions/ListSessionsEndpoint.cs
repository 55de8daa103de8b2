using Idoven.Identity.Common;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.Sessions;

/// <summary>A sign-in that has not ended.</summary>
/// <param name="Id">The <c>sid</c> of its tokens.</param>
/// <param name="ClientId">The client that was signed in through.</param>
/// <param name="CreatedAt">When it began.</param>
/// <param name="LastUsedAt">When a token was last issued in it.</param>
/// <param name="Current">Whether the request's own token belongs to it.</param>
/// <param name="First">Where it began.</param>
/// <param name="Last">Where a token was last issued in it.</param>
internal sealed record SessionResponse(
    Guid Id, string ClientId, DateTimeOffset CreatedAt, DateTimeOffset LastUsedAt, bool Current, PlaceResponse First, PlaceResponse Last);

/// <summary>From where, and with what.</summary>
/// <param name="Address">The IP address that the service saw; null where it was not kept.</param>
/// <param name="Agent">The program and its system, as far as they are known ones; null where it did not say.</param>
internal sealed record PlaceResponse(string? Address, string? Agent)
{
    public static PlaceResponse FromPlace(Place place) => new(place.Address?.ToString(), place.Agent);
}

/// <summary>One's own sessions.</summary>
/// <param name="Items">The newest first.</param>
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
        .WithSummary("List one's own sessions, the newest first")
        .WithDescription("Each sign-in begins one.")
        .Returns<SessionsResponse>(StatusCodes.Status200OK, "The sessions.", SessionsResponse.Example);

    private static async Task<Ok<SessionsResponse>> Handle(CurrentCaller caller, ISessions sessions, CancellationToken ct)
    {
        var found = await sessions.List(RouteId.Parse(caller.Subject), ct);
        return TypedResults.Ok(new SessionsResponse(
            [.. found.Select(session => new SessionResponse(
                session.Id, session.ClientId, session.CreatedAt, session.LastUsedAt, session.Id.ToString() == caller.SessionId,
                PlaceResponse.FromPlace(session.First), PlaceResponse.FromPlace(session.Last)))]));
    }
}
