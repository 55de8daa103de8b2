using Idoven.Identity.Common;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.Consents;

/// <summary>An application that the user has a consent for.</summary>
/// <param name="ClientId">The application's client id.</param>
/// <param name="Name">The name of the application.</param>
/// <param name="Scopes">The scopes that the user allowed.</param>
/// <param name="Since">The time of the first consent.</param>
/// <param name="LastUsedAt">When the application last got a token; null if it never did, or too long ago to be known.</param>
internal sealed record ApplicationResponse(
    string ClientId, string Name, IReadOnlyList<string> Scopes, DateTimeOffset Since, DateTimeOffset? LastUsedAt);

/// <summary>The applications that the user has a consent for.</summary>
/// <param name="Items">The applications, ordered by name.</param>
internal sealed record ApplicationsResponse(IReadOnlyList<ApplicationResponse> Items)
{
    public const string Example =
        """
        {"items":[{"clientId":"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0f","name":"Ward viewer","scopes":["ecgs:read","offline_access","openid"],
        "since":"2026-11-23T09:15:00+00:00","lastUsedAt":"2026-11-23T09:45:00+00:00"}]}
        """;
}

internal static class ListApplicationsEndpoint
{
    public static void MapListApplications(this IEndpointRouteBuilder account) => account.MapGet("applications", Handle)
        .RequireAuthorization(IdentityPolicies.OwnAccount)
        .WithName("ListApplications")
        .WithSummary("List the applications that the user has a consent for")
        .WithDescription("A user consents on the page that asks for it at a sign-in, or when connecting a device.")
        .Returns<ApplicationsResponse>(StatusCodes.Status200OK, "The applications.", ApplicationsResponse.Example);

    private static async Task<Ok<ApplicationsResponse>> Handle(CurrentCaller caller, IConsents consents, CancellationToken ct)
    {
        var found = await consents.List(RouteId.Parse(caller.Subject), ct);
        return TypedResults.Ok(new ApplicationsResponse(
            [.. found.Select(client => new ApplicationResponse(client.Id, client.Name, client.Scopes, client.Since, client.LastUsedAt))]));
    }
}
