using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Shared.Web;

/// <summary>Represents one error in a request body.</summary>
/// <param name="Pointer">The place of the error, as a JSON pointer (RFC 6901) such as <c>/leads/3/signal/17</c>.</param>
/// <param name="Detail">What is wrong there.</param>
public sealed record ProblemError(string Pointer, string Detail);

/// <summary>Represents a kind of problem.</summary>
/// <param name="Name">The last part of the <c>type</c> address, and the name of the page that explains it.</param>
/// <param name="Title">The title, which is also the heading of the page.</param>
public sealed record ProblemType(string Name, string Title);

/// <summary>Creates error responses. All have the form of RFC 9457 with <c>traceId</c>, and <c>errors</c> for invalid bodies.</summary>
public static class Problems
{
    public const string ContentType = "application/problem+json";
    private const string TraceId = "traceId";

    /// <summary>The caller has too many requests of one kind in progress.</summary>
    public static readonly ProblemType TooManyInProgress = new("too-many-at-once", "Too many requests in progress");

    private static readonly ProblemType InvalidRequest = new("bad-request", "The request is invalid");
    private static readonly ProblemType InternalError = new("internal-error", "Internal error");

    private static readonly Dictionary<int, ProblemType> TypesByStatus = new()
    {
        [StatusCodes.Status400BadRequest] = InvalidRequest,
        [StatusCodes.Status401Unauthorized] = new("unauthorized", "A valid access token is required"),
        [StatusCodes.Status403Forbidden] = new("forbidden", "The token does not permit this request"),
        [StatusCodes.Status404NotFound] = new("not-found", "Not found"),
        [StatusCodes.Status405MethodNotAllowed] = new("method-not-allowed", "The method is not allowed"),
        [StatusCodes.Status406NotAcceptable] = new("not-acceptable", "No acceptable format"),
        [StatusCodes.Status408RequestTimeout] = new("request-timeout", "The request arrived too slowly"),
        [StatusCodes.Status410Gone] = new("gone", "The data is no longer available"),
        [StatusCodes.Status412PreconditionFailed] = new("precondition-failed", "The resource has changed"),
        [StatusCodes.Status413PayloadTooLarge] = new("too-large", "The request is too large"),
        [StatusCodes.Status415UnsupportedMediaType] = new("unsupported-media-type", "The media type is not supported"),
        [StatusCodes.Status422UnprocessableEntity] = new("key-reused", "The idempotency key was used for another request"),
        [StatusCodes.Status428PreconditionRequired] = new("precondition-required", "The header If-Match is required"),
        [StatusCodes.Status429TooManyRequests] = new("too-many-requests", "Too many requests"),
        [StatusCodes.Status500InternalServerError] = InternalError,
        [StatusCodes.Status503ServiceUnavailable] = new("unavailable", "The service is temporarily unavailable"),
    };

    /// <summary>Gets the problem types that are not of one module.</summary>
    public static ProblemType[] Types => [.. TypesByStatus.Values, TooManyInProgress];

    /// <summary>Adds the problem types of a module to those of the host.</summary>
    public static void AddProblemTypes(this IServiceCollection services, params ProblemType[] types)
    {
        foreach (var type in types)
        {
            services.AddSingleton(type);
        }
    }

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

    public static ProblemHttpResult Forbidden(ProblemType type, string detail) =>
        TypedResults.Problem(Create(StatusCodes.Status403Forbidden, detail, type));

    /// <summary>The body arrives too slowly. The rest of it is not read: the connection is closed.</summary>
    public static ProblemHttpResult RequestTimeout(HttpContext context, string detail)
    {
        context.Response.Headers.Connection = "close";
        return Result(StatusCodes.Status408RequestTimeout, detail);
    }

    /// <summary>The resource does not exist, or belongs to another user: the response is the same.</summary>
    public static ProblemHttpResult NotFound() => Result(StatusCodes.Status404NotFound);

    public static ProblemHttpResult NotAcceptable(string detail) => Result(StatusCodes.Status406NotAcceptable, detail);

    public static ProblemHttpResult Conflict(ProblemType type, string detail) =>
        TypedResults.Problem(Create(StatusCodes.Status409Conflict, detail, type));

    public static ProblemHttpResult PreconditionFailed(string detail) => Result(StatusCodes.Status412PreconditionFailed, detail);

    public static ProblemHttpResult PreconditionRequired(string detail) => Result(StatusCodes.Status428PreconditionRequired, detail);

    public static ProblemHttpResult TooLarge(string detail) => Result(StatusCodes.Status413PayloadTooLarge, detail);

    public static ProblemHttpResult UnsupportedMediaType(string detail) => Result(StatusCodes.Status415UnsupportedMediaType, detail);

    public static ProblemHttpResult UnprocessableContent(string detail) => Result(StatusCodes.Status422UnprocessableEntity, detail);

    /// <summary>The data was kept for a limited time and is no longer available.</summary>
    public static ProblemHttpResult Gone(string detail) => Result(StatusCodes.Status410Gone, detail);

    public static ProblemHttpResult TooManyRequests(string detail) => Result(StatusCodes.Status429TooManyRequests, detail);

    /// <summary>The caller has the maximum number of requests of this kind in progress.</summary>
    public static ProblemHttpResult TooManyAtOnce(HttpContext context, string detail, int retryAfterSeconds)
    {
        context.RetryAfter(TimeSpan.FromSeconds(retryAfterSeconds));
        return TypedResults.Problem(Create(StatusCodes.Status429TooManyRequests, detail, TooManyInProgress));
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

    /// <summary>Restores our trace id, which the framework replaces with a whole traceparent or a connection's number.</summary>
    internal static void Apply(ProblemDetailsOptions options) => options.CustomizeProblemDetails = context =>
        context.ProblemDetails.Extensions[TraceId] = Activity.Current?.TraceId.ToHexString() ?? context.HttpContext.TraceIdentifier;

    /// <summary>Creates the problem of a status.</summary>
    /// <param name="detail">What happened; null for the usual text of the status.</param>
    /// <param name="type">The problem type; null for the usual one of the status.</param>
    public static ProblemDetails Create(int status, string? detail = null, ProblemType? type = null)
    {
        type ??= TypesByStatus.GetValueOrDefault(status) ?? (status is >= 400 and < 500 ? InvalidRequest : InternalError);
        return new ProblemDetails
        {
            Type = $"/problems/{type.Name}",
            Title = type.Title,
            Status = status,
            Detail = detail ?? UsualDetail(status),
            Extensions = { [TraceId] = Activity.Current?.TraceId.ToHexString() },
        };
    }

    private static ProblemHttpResult Result(int status, string? detail = null) => TypedResults.Problem(Create(status, detail));

    private static string? UsualDetail(int status) => status switch
    {
        401 => "Send a token of this service in the header Authorization: Bearer.",
        403 => "The request needs both the role and the scope.",
        404 => "There is no resource at this address that you can access.",
        < 400 or >= 500 and not 503 => "An unexpected error occurred. It is logged under the traceId.",
        _ => null,
    };
}
