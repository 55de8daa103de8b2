using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Idoven.Host.Tests.Parts;

/// <summary>Describes the routes of a host for tests that go through all of them, and creates routes that no host has.</summary>
internal static class HostRoutes
{
    /// <summary>Returns the route's address with its parameters in braces, for example <c>/api/v1/ecgs/{id}</c>.</summary>
    public static string Address(this RouteEndpoint route) => $"/{route.RoutePattern.RawText!.Trim('/')}";

    /// <summary>Returns whether the route answers requests with a token only.</summary>
    public static bool NeedsToken(this RouteEndpoint route) =>
        route.Metadata.GetMetadata<IAllowAnonymous>() is null && route.Metadata.GetMetadata<IAuthorizeData>() is not null;

    /// <summary>Creates a route that no host has.</summary>
    public static RouteEndpoint Create(string method, string pattern, params object[] metadata) => new(
        _ => Task.CompletedTask, RoutePatternFactory.Parse(pattern), 0,
        new EndpointMetadataCollection([new HttpMethodMetadata([method]), .. metadata]), pattern);
}
