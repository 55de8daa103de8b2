using System.Diagnostics;
using Idoven.Shared.Web;
using Microsoft.AspNetCore.Http;

namespace Idoven.Shared.Tests.Http;

public sealed class ProblemsTests
{
    [Fact]
    public async Task Two_refusals_as_not_found_are_alike_but_for_the_trace()
    {
        var (one, firstTrace) = await InTrace(() => Problems.NotFound());
        var (other, secondTrace) = await InTrace(() => Problems.NotFound());

        Assert.Equal((firstTrace, secondTrace), ((string?)one.Body["traceId"], (string?)other.Body["traceId"]));
        Assert.NotEqual(firstTrace, secondTrace);
        one.Body.Remove("traceId");
        other.Body.Remove("traceId");
        Assert.Equal(one.Body.ToJsonString(), other.Body.ToJsonString());
        Assert.Equal((404, "application/problem+json", "/problems/not-found"), (one.Status, one.ContentType, (string?)one.Body["type"]));
    }

    [Fact]
    public async Task A_client_that_asks_for_another_type_gets_a_problem_all_the_same()
    {
        var (answer, trace) = await InTrace(() => Problems.NotAcceptable("Take JSON."), accept: "text/csv");
        Assert.Equal((406, "application/problem+json", trace), (answer.Status, answer.ContentType, (string?)answer.Body["traceId"]));
    }

    [Fact]
    public async Task A_bad_body_is_told_where_it_is_wrong()
    {
        var answer = await Answer.Of(Problems.BadRequest("The body is not valid.", new ProblemError("/leads/3/signal/17", "An integer.")));
        Assert.Equal((400, "The body is not valid."), (answer.Status, (string?)answer.Body["detail"]));
        Assert.Equal("""[{"pointer":"/leads/3/signal/17","detail":"An integer."}]""", answer.Body["errors"]!.ToJsonString());
    }

    [Fact]
    public async Task Without_a_place_there_is_no_list_of_places() =>
        Assert.False((await Answer.Of(Problems.BadRequest("limit lies between 1 and 200."))).Body.ContainsKey("errors"));

    [Fact]
    public async Task What_may_work_later_says_when()
    {
        var answer = await Answer.Of(context => Problems.Unavailable(context, "Too many.", 5).ExecuteAsync(context));
        Assert.Equal(
            (503, "5", "/problems/unavailable", "Too many."), (answer.Status, answer.RetryAfter, (string?)answer.Body["type"], (string?)answer.Body["detail"]));
    }

    [Fact]
    public async Task A_caller_with_too_many_requests_at_the_same_time_gets_a_problem_of_its_own()
    {
        var answer = await Answer.Of(context => Problems.TooManyAtOnce(context, "Eight.", 5).ExecuteAsync(context));
        Assert.Equal(
            (429, "5", "/problems/too-many-at-once", "Too many requests in progress"),
            (answer.Status, answer.RetryAfter, (string?)answer.Body["type"], (string?)answer.Body["title"]));
    }

    [Fact]
    public async Task A_conflict_has_a_name_of_its_own()
    {
        var answer = await Answer.Of(Problems.Conflict(new ProblemType("out-of-paper", "The printer is out of paper"), "Tray 2."));
        Assert.Equal(
            (409, "/problems/out-of-paper", "The printer is out of paper"), (answer.Status, (string?)answer.Body["type"], (string?)answer.Body["title"]));
    }

    [Theory]
    [InlineData(401, "unauthorized")]
    [InlineData(403, "forbidden")]
    [InlineData(404, "not-found")]
    [InlineData(405, "method-not-allowed")]
    [InlineData(406, "not-acceptable")]
    [InlineData(408, "request-timeout")]
    [InlineData(413, "too-large")]
    [InlineData(415, "unsupported-media-type")]
    [InlineData(418, "bad-request")]
    [InlineData(429, "too-many-requests")]
    [InlineData(500, "internal-error")]
    [InlineData(503, "unavailable")]
    [InlineData(504, "internal-error")]
    public void A_bare_status_gets_the_same_shape(int status, string name)
    {
        var problem = Problems.Create(status);
        Assert.Equal((status, $"/problems/{name}"), (problem.Status, problem.Type));
        Assert.False(string.IsNullOrEmpty(problem.Title));
        Assert.Contains("traceId", problem.Extensions);
    }

    private static async Task<(Answer Answer, string TraceId)> InTrace(Func<IResult> refuse, string accept = "application/json")
    {
        using var request = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        return (await Answer.Of(refuse(), accept), request.TraceId.ToHexString());
    }
}
