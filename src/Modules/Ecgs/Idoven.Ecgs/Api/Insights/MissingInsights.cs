using Idoven.Ecgs.Api.Common;
using Idoven.Ecgs.Domain;
using Idoven.Shared.Web;
using Microsoft.AspNetCore.Http;

namespace Idoven.Ecgs.Api.Insights;

/// <summary>Creates the responses to requests for insights that are not available.</summary>
internal static class MissingInsights
{
    private const string RetryAfterSeconds = "1";

    /// <summary>Creates the response 202 while the analysis is in progress, and 409 if it failed.</summary>
    public static IResult ToResult(HttpContext context, EcgStatus status, string? failureReason)
    {
        if (status == EcgStatus.Failed)
        {
            return Problems.Conflict(EcgsProblems.ProcessingFailed, $"Reason: {failureReason}.");
        }

        context.Response.Headers.RetryAfter = RetryAfterSeconds;
        return TypedResults.Accepted((string?)null, new InsightsPending(EcgStatus.Queued.ToText()));
    }
}
