using System.Text.Json.Nodes;
using Idoven.Shared.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Shared.Tests.Http;

/// <summary>Represents a response as a client receives it.</summary>
internal sealed record RecordedResponse(int Status, string? ContentType, string? RetryAfter, JsonObject Body)
{
    public static readonly ServiceProvider Services =
        new ServiceCollection().AddLogging().AddProblemDetails(Problems.Apply).BuildServiceProvider();

    public static Task<RecordedResponse> Record(IResult result, string accept = "application/json") => Record(result.ExecuteAsync, accept);

    public static async Task<RecordedResponse> Record(Func<HttpContext, Task> write, string accept = "application/json")
    {
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { RequestServices = Services, Response = { Body = body } };
        context.Request.Headers.Accept = accept;
        await write(context);
        return new RecordedResponse(
            context.Response.StatusCode, context.Response.ContentType, context.Response.Headers.RetryAfter, JsonNode.Parse(
                body.ToArray())!.AsObject());
    }
}
