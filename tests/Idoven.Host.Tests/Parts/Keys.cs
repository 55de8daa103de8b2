namespace Idoven.Host.Tests.Parts;

/// <summary>Sends requests with an <c>Idempotency-Key</c>.</summary>
internal static class Keys
{
    public static async Task<HttpResponseMessage> PostUnderKey(this HttpClient client, string route, string? body, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, route) { Content = body is null ? null : TestUsers.Json(body) };
        Assert.True(request.Headers.TryAddWithoutValidation("Idempotency-Key", key));
        return await client.SendAsync(request);
    }
}
