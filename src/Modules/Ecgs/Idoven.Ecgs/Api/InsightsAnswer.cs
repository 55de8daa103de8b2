using Idoven.Ecgs.Domain;
using Idoven.Shared.Web;
using Microsoft.AspNetCore.Http;

namespace Idoven.Ecgs.Api;

internal static class InsightsAnswer
{
    private const string RetryAfterSeconds = "1";

    /// <summary>202 while the analysis is under way, 409 where it was given up.</summary>
    public static IResult WithoutInsights(HttpContext context, EcgStatus status, string? failureReason)
    {
        if (status == EcgStatus.Failed)
        {
            return Problems.Conflict(EcgsProblems.ProcessingFailed, $"Reason: {failureReason}.");
        }

        context.Response.Headers.RetryAfter = RetryAfterSeconds;
        return TypedResults.Accepted((string?)null, new InsightsPending(EcgStatus.Queued.ToText()));
    }
}
