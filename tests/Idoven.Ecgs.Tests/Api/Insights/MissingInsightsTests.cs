using Idoven.Ecgs.Api.Insights;
using Idoven.Ecgs.Domain;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Idoven.Ecgs.Tests.Api.Insights;

public sealed class MissingInsightsTests
{
    [Fact]
    public void Insights_that_are_not_computed_yet_are_202_with_one_second_to_wait()
    {
        var context = new DefaultHttpContext();

        var result = MissingInsights.ToResult(context, EcgStatus.Queued, failureReason: null);

        Assert.Equal("queued", Assert.IsType<Accepted<InsightsPending>>(result).Value!.Status);
        Assert.Equal("1", context.Response.Headers.RetryAfter.ToString());
    }

    [Fact]
    public void Insights_whose_analysis_failed_are_409_with_the_reason_and_no_time_to_wait()
    {
        var context = new DefaultHttpContext();

        var result = MissingInsights.ToResult(context, EcgStatus.Failed, "signal-unreadable");

        var problem = Assert.IsType<ProblemHttpResult>(result).ProblemDetails;
        Assert.Equal((409, "/problems/processing-failed", "Reason: signal-unreadable."), (problem.Status, problem.Type, problem.Detail));
        Assert.Equal(0, context.Response.Headers.RetryAfter.Count);
    }
}
