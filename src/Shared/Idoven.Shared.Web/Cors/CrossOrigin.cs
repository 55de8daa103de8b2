using Idoven.Shared.Web.Idempotency;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Idoven.Shared.Web.Cors;

/// <summary>
/// Selects the CORS policy of a request. Pages of every origin may call the API and read the public documents, which use bearer tokens and
/// never cookies. All other addresses are closed, including the pages for people, unless an <see cref="ICrossOriginRule"/> opens it.
/// </summary>
public sealed class CrossOrigin(IEnumerable<ICrossOriginRule> rules) : ICorsPolicyProvider
{
    // Chromium caches the response to a preflight request for no longer.
    private static readonly TimeSpan PreflightMaxAge = TimeSpan.FromHours(2);

    private static readonly PathString[] OpenToAll = ["/api", "/.well-known", "/openapi", "/asyncapi", "/problems"];
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head, HttpMethods.Post, HttpMethods.Patch, HttpMethods.Delete];

    // A list, so that no page can let a browser send a header that a proxy sets, such as X-Forwarded-For.
    private static readonly string[] RequestHeaders =
    [
        HeaderNames.Accept, HeaderNames.Authorization, HeaderNames.ContentEncoding, HeaderNames.ContentType, HeaderNames.IfMatch,
        HeaderNames.IfNoneMatch, HeaderNames.TraceParent, HeaderNames.TraceState, IdempotencyHeader.Name, "Prefer",
    ];

    private static readonly string[] ExposedHeaders =
    [
        HeaderNames.Allow, HeaderNames.ETag, HeaderNames.Link, HeaderNames.Location, HeaderNames.RetryAfter, HeaderNames.WWWAuthenticate,
        "Preference-Applied", "RateLimit", "RateLimit-Policy", "x-request-id",
    ];

    private static readonly CorsPolicy AnyOrigin = Build(new CorsPolicyBuilder().AllowAnyOrigin());

    /// <summary>Creates the policy for one origin that may call and read.</summary>
    public static CorsPolicy ForOrigin(string origin) => Build(new CorsPolicyBuilder(origin));

    /// <inheritdoc/>
    public async Task<CorsPolicy?> GetPolicyAsync(HttpContext context, string? policyName)
    {
        if (OpenToAll.Any(prefix => context.Request.Path.StartsWithSegments(prefix)))
        {
            return AnyOrigin;
        }

        foreach (var rule in rules)
        {
            if (await rule.FindPolicy(context) is { } policy)
            {
                return policy;
            }
        }

        return null;
    }

    private static CorsPolicy Build(CorsPolicyBuilder builder) => builder
        .WithMethods(Methods).WithHeaders(RequestHeaders).WithExposedHeaders(ExposedHeaders).SetPreflightMaxAge(PreflightMaxAge)
        .Build();
}
