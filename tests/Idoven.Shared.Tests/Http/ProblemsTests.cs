using System.Diagnostics;
using Idoven.Shared.Web;
using Microsoft.AspNetCore.Http;

namespace Idoven.Shared.Tests.Http;

public sealed class ProblemsTests
{
    [Fact]
    public async Task Not_found_problems_differ_only_in_the_trace_id()
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
    public async Task A_client_that_accepts_another_type_gets_a_problem_too()
    {
        var (response, trace) = await InTrace(() => Problems.NotAcceptable("Take JSON."), accept: "text/csv");
        Assert.Equal((406, "application/problem+json", trace), (response.Status, response.ContentType, (string?)response.Body["traceId"]));
    }

    [Fact]
    public async Task Problem_of_an_invalid_body_lists_each_error_with_its_pointer()
    {
        var problem = Problems.BadRequest("The body is not valid.", new ProblemError("/leads/3/signal/17", "An integer."));
        var response = await RecordedResponse.Record(problem);
        Assert.Equal((400, "The body is not valid."), (response.Status, (string?)response.Body["detail"]));
        Assert.Equal("""[{"pointer":"/leads/3/signal/17","detail":"An integer."}]""", response.Body["errors"]!.ToJsonString());
    }

    [Fact]
    public async Task Problem_without_pointers_has_no_list_of_errors() =>
        Assert.False((await RecordedResponse.Record(Problems.BadRequest("limit lies between 1 and 200."))).Body.ContainsKey("errors"));

    [Fact]
    public async Task Unavailable_problem_has_Retry_After()
    {
        var response = await RecordedResponse.Record(context => Problems.Unavailable(context, "Too many.", 5).ExecuteAsync(context));
        Assert.Equal(
            (503, "5", "/problems/unavailable", "Too many."),
            (response.Status, response.RetryAfter, (string?)response.Body["type"], (string?)response.Body["detail"]));
    }

    [Fact]
    public async Task Too_many_requests_in_progress_are_a_separate_problem_type()
    {
        var response = await RecordedResponse.Record(context => Problems.TooManyAtOnce(context, "Eight.", 5).ExecuteAsync(context));
        Assert.Equal(
            (429, "5", "/problems/too-many-at-once", "Too many requests in progress"),
            (response.Status, response.RetryAfter, (string?)response.Body["type"], (string?)response.Body["title"]));
    }

    [Fact]
    public async Task Conflict_has_its_own_problem_type()
    {
        var problem = Problems.Conflict(new ProblemType("out-of-paper", "The printer is out of paper"), "Tray 2.");
        var response = await RecordedResponse.Record(problem);
        Assert.Equal(
            (409, "/problems/out-of-paper", "The printer is out of paper"),
            (response.Status, (string?)response.Body["type"], (string?)response.Body["title"]));
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
    public void Problem_of_a_status_has_type_title_and_trace_id(int status, string name)
    {
        var problem = Problems.Create(status);
        Assert.Equal((status, $"/problems/{name}"), (problem.Status, problem.Type));
        Assert.False(string.IsNullOrEmpty(problem.Title));
        Assert.Contains("traceId", problem.Extensions);
    }

    private static async Task<(RecordedResponse Response, string TraceId)> InTrace(Func<IResult> create, string accept = "application/json")
    {
        using var request = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        return (await RecordedResponse.Record(create(), accept), request.TraceId.ToHexString());
    }
}
