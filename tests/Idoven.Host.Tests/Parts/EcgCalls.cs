using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Idoven.Shared.Web;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Host.Tests.Parts;

/// <summary>Calls the routes of ECGs.</summary>
internal static class EcgCalls
{
    public const string Route = "/api/v1/ecgs";
    private const int MaxTries = 4;

    /// <summary>Returns a valid body with one lead named I.</summary>
    public static string Body(params int[] signal) =>
        $$"""{"date":"2026-11-23T10:15:00+01:00","leads":[{"name":"I","signal":[{{string.Join(',', signal)}}]}]}""";

    /// <summary>Returns a valid body with one lead named I and this sampling frequency.</summary>
    public static string Body(int[] signal, double samplingFrequency) =>
        $$"""{"samplingFrequency":{{samplingFrequency.ToString(CultureInfo.InvariantCulture)}},{{Body(signal)[1..]}}""";

    public static Task<HttpResponseMessage> Upload(this HttpClient client, string body) =>
        client.PostAsync(Route, new StringContent(body, Encoding.UTF8, "application/json"));

    /// <summary>Uploads, again after <c>Retry-After</c> if a busy host returns 503; the response must be 202.</summary>
    /// <returns>The id of the ECG.</returns>
    public static async Task<Guid> Submit(this HttpClient client, params int[] signal)
    {
        var body = Body(signal.Length == 0 ? [1, -1, 2] : signal);
        using var response = await UntilAccepted(() => client.Upload(body));
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
    }

    /// <summary>Counts the caller's ECGs on the first page of the list.</summary>
    public static async Task<int> CountEcgs(this HttpClient owner) =>
        (await owner.GetFromJsonAsync<JsonElement>(Route)).GetProperty("items").GetArrayLength();

    /// <summary>Uploads, again after <c>Retry-After</c> if a busy host returns 503.</summary>
    public static async Task<HttpResponseMessage> UntilAccepted(Func<Task<HttpResponseMessage>> upload)
    {
        for (var tries = 1; ; tries++)
        {
            var response = await upload();
            if (response.StatusCode != HttpStatusCode.ServiceUnavailable || tries == MaxTries
                || response.Headers.RetryAfter?.Delta is not { } wait)
            {
                return response;
            }

            response.Dispose();
            await Task.Delay(wait);
        }
    }

    /// <summary>Waits until this many uploads hold a slot of the host. A request reaches the host before it gets a slot.</summary>
    public static Task UploadsInProgress(RunningHost host, int count)
    {
        var slots = host.Services.GetRequiredKeyedService<CallerSlots>("uploads");
        return Eventually.Holds(() => Task.FromResult(slots.Taken == count));
    }

    /// <summary>Waits until the analysis has completed or failed.</summary>
    public static Task<string> EndStatus(this HttpClient client, Guid ecg, TimeSpan? within = null) => Eventually.Finds(async () =>
    {
        var status = (await client.GetFromJsonAsync<JsonElement>($"{Route}/{ecg}")).GetProperty("status").GetString();
        return status == "queued" ? null : status;
    }, within);

    public static async Task<JsonElement> Insights(this HttpClient client, Guid ecg)
    {
        Assert.Equal("processed", await client.EndStatus(ecg));
        return await client.GetFromJsonAsync<JsonElement>($"{Route}/{ecg}/insights");
    }

    /// <summary>Returns the body of an error response after checking its form.</summary>
    public static async Task<JsonElement> Problem(this HttpResponseMessage response, HttpStatusCode status)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        Assert.StartsWith("/problems/", problem.GetProperty("type").GetString());
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        Assert.Matches("^[0-9a-f]{32}$", problem.GetProperty("traceId").GetString());
        return problem;
    }
}
