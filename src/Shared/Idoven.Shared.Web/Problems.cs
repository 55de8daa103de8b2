using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Idoven.Shared.Web;

/// <summary>One thing wrong with a body.</summary>
/// <param name="Pointer">Where: a JSON pointer (RFC 6901), such as <c>/leads/3/signal/17</c>.</param>
/// <param name="Detail">What.</param>
public sealed record ProblemError(string Pointer, string Detail);

/// <summary>Every refusal has one shape: RFC 9457 with <c>traceId</c>, and <c>errors</c> for bad bodies.</summary>
public static class Problems
{
    public const string ContentType = "application/problem+json";
    private const string TraceId = "traceId";

    private static readonly Dictionary<string, string> NamedTitles = new()
    {
        ["taken"] = "The name is taken",
        ["already-activated"] = "The account was activated",
        ["already-enrolled"] = "The client has a credential",
        ["client-credentials"] = "Only the client changes its credentials",
        ["last-superadmin"] = "Nobody would be left to administer",
        ["second-factor-on"] = "A second factor is on",
        ["second-factor-off"] = "No second factor is on",
        ["processing-failed"] = "The analysis was given up",
        ["not-computed"] = "It was not computed",
        ["too-many-at-once"] = "Too many requests at the same time",
        ["quota-exceeded"] = "The owner may store no more",
    };

    public static ProblemHttpResult BadRequest(string detail, params ProblemError[] errors)
    {
        var problem = Create(StatusCodes.Status400BadRequest, detail);
        if (errors.Length > 0)
        {
            problem.Extensions["errors"] = errors;
        }

        return TypedResults.Problem(problem);
    }

    public static ProblemHttpResult Unauthorized(string detail) => Result(StatusCodes.Status401Unauthorized, detail);

    public static ProblemHttpResult Forbidden(string detail) => Result(StatusCodes.Status403Forbidden, detail);

    /// <param name="name">The page that explains it.</param>
    public static ProblemHttpResult Forbidden(string name, string detail) =>
        TypedResults.Problem(Create(StatusCodes.Status403Forbidden, detail, name));

    /// <summary>The body came too slowly. What of it is still to come is not waited for: the connection closes.</summary>
    public static ProblemHttpResult RequestTimeout(HttpContext context, string detail)
    {
        context.Response.Headers.Connection = "close";
        return Result(StatusCodes.Status408RequestTimeout, detail);
    }

    /// <summary>The same words for what doesn't exist and for what is somebody else's.</summary>
    public static ProblemHttpResult NotFound() => Result(StatusCodes.Status404NotFound);

    public static ProblemHttpResult NotAcceptable(string detail) => Result(StatusCodes.Status406NotAcceptable, detail);

    /// <param name="name">The page that explains it.</param>
    public static ProblemHttpResult Conflict(string name, string detail) => TypedResults.Problem(Create(StatusCodes.Status409Conflict, detail, name));

    public static ProblemHttpResult PreconditionFailed(string detail) => Result(StatusCodes.Status412PreconditionFailed, detail);

    public static ProblemHttpResult PreconditionRequired(string detail) => Result(StatusCodes.Status428PreconditionRequired, detail);

    public static ProblemHttpResult TooLarge(string detail) => Result(StatusCodes.Status413PayloadTooLarge, detail);

    public static ProblemHttpResult UnsupportedMediaType(string detail) => Result(StatusCodes.Status415UnsupportedMediaType, detail);

    public static ProblemHttpResult UnprocessableContent(string detail) => Result(StatusCodes.Status422UnprocessableEntity, detail);

    /// <summary>What was asked for was kept for a time, and is gone.</summary>
    public static ProblemHttpResult Gone(string detail) => Result(StatusCodes.Status410Gone, detail);

    public static ProblemHttpResult TooManyRequests(string detail) => Result(StatusCodes.Status429TooManyRequests, detail);

    /// <summary>The caller has as many of these requests in progress as one caller may have.</summary>
    public static ProblemHttpResult TooManyAtOnce(HttpContext context, string detail, int retryAfterSeconds)
    {
        context.RetryAfter(TimeSpan.FromSeconds(retryAfterSeconds));
        return TypedResults.Problem(Create(StatusCodes.Status429TooManyRequests, detail, "too-many-at-once"));
    }

    public static ProblemHttpResult TooManyRequests(HttpContext context, string detail, TimeSpan retryAfter)
    {
        context.RetryAfter(retryAfter);
        return TooManyRequests(detail);
    }

    public static ProblemHttpResult Unavailable(HttpContext context, string detail, int retryAfterSeconds)
    {
        context.RetryAfter(TimeSpan.FromSeconds(retryAfterSeconds));
        return Result(StatusCodes.Status503ServiceUnavailable, detail);
    }

    /// <summary>The framework writes a whole traceparent, or a connection's number, over our trace id: ours comes back.</summary>
    internal static void Apply(ProblemDetailsOptions options) => options.CustomizeProblemDetails = context =>
        context.ProblemDetails.Extensions[TraceId] = Activity.Current?.TraceId.ToHexString() ?? context.HttpContext.TraceIdentifier;

    /// <summary>The problem of a bare status, as the framework leaves it behind.</summary>
    public static ProblemDetails Create(int status, string? detail = null, string? name = null)
    {
        var (usualName, usualTitle, usualDetail) = Usual(status);
        return new ProblemDetails
        {
            Type = $"/problems/{name ?? usualName}",
            Title = name is null ? usualTitle : NamedTitles[name],
            Status = status,
            Detail = detail ?? usualDetail,
            Extensions = { [TraceId] = Activity.Current?.TraceId.ToHexString() },
        };
    }

    private static ProblemHttpResult Result(int status, string? detail = null) => TypedResults.Problem(Create(status, detail));

    private static (string Name, string Title, string? Detail) Usual(int status) => status switch
    {
        400 => ("bad-request", "The request cannot be read", null),
        401 => ("unauthorized", "A valid access token is needed", "Send a token of this service in the header Authorization: Bearer."),
        403 => ("forbidden", "The token does not give this right", "A right needs both the role and the scope."),
        404 => ("not-found", "Nothing here", "There is nothing at this address that you may see."),
        405 => ("method-not-allowed", "This address has no such method", null),
        406 => ("not-acceptable", "No representation that you accept", null),
        408 => ("request-timeout", "The request took too long to arrive", null),
        410 => ("gone", "It was kept for a time, and is gone", null),
        412 => ("precondition-failed", "It was changed since you read it", null),
        413 => ("too-large", "The body is over the limit", null),
        415 => ("unsupported-media-type", "The body has a type this address does not read", null),
        422 => ("key-reused", "The key belongs to another request", null),
        428 => ("precondition-required", "Say which version you change", null),
        429 => ("too-many-requests", "Too many requests", null),
        503 => ("unavailable", "The service cannot take this now", null),
        >= 400 and < 500 => ("bad-request", "The request was refused", null),
        _ => ("internal-error", "Something went wrong here", "The fault is ours; it is logged under traceId."),
    };
}
