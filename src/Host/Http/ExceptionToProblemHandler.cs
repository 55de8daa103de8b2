using Idoven.Shared.Data;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Bodies;
using Idoven.Shared.Web.Idempotency;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Idoven.Host.Http;

/// <summary>
/// Handles exceptions that no endpoint handles: no stack trace leaves the host, and an unavailable database gets 503.
/// </summary>
internal sealed class ExceptionToProblemHandler(ILogger<ExceptionToProblemHandler> logger) : IExceptionHandler
{
    internal const int RetryAfterSeconds = 5;
    internal const int RetryAtOnceSeconds = 1;

    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken ct)
    {
        var result = exception switch
        {
            BadHttpRequestException e => TypedBad(e),
            InvalidDataException or { InnerException: InvalidDataException } when context.Request.HasFormContentType =>
                Problems.BadRequest("The form cannot be read."),
            BadBodyException e => Problems.BadRequest(e.Message, e.Errors),
            RequestKeyReusedException => Problems.UnprocessableContent(
                "The Idempotency-Key belongs to an earlier request with another body."),
            _ when DatabaseUnavailable.Is(exception) =>
                Problems.Unavailable(context, "The database is unavailable; nothing was stored.", RetryAfterSeconds),
            _ when DatabaseUnavailable.IsTransient(exception) =>
                Problems.Unavailable(context, "The database is busy; nothing was stored.", RetryAtOnceSeconds),
            DbUpdateConcurrencyException or { InnerException: DbUpdateConcurrencyException } =>
                Problems.Unavailable(
                    context,
                    "Data that this request depends on were changed or deleted at the same time. Repeat the request.",
                    RetryAtOnceSeconds),
            _ => null,
        };
        if (result is null)
        {
            logger.LogError(exception, "{Method} {Route} failed", context.Request.Method, context.GetEndpoint()?.DisplayName);
        }

        await (result ?? TypedResults.Problem(Problems.Create(StatusCodes.Status500InternalServerError))).ExecuteAsync(context);
        return true;
    }

    private static ProblemHttpResult TypedBad(BadHttpRequestException e) =>
        TypedResults.Problem(Problems.Create(
            e.StatusCode, e.StatusCode is StatusCodes.Status400BadRequest or StatusCodes.Status415UnsupportedMediaType ? e.Message : null));
}
