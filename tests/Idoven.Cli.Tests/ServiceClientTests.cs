using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Idoven.Cli.Errors;
using Idoven.Cli.Recordings;
using Microsoft.Extensions.Time.Testing;

namespace Idoven.Cli.Tests;

public sealed class ServiceClientTests : IDisposable
{
    private static readonly Uri Ecg = new("/api/v1/ecgs/0199", UriKind.Relative);
    private readonly FakeTimeProvider clock = new();
    private readonly ScriptedService script = new();
    private readonly HttpClient http;
    private readonly ServiceClient service;

    public ServiceClientTests()
    {
        http = new HttpClient(script) { BaseAddress = new Uri("http://service:1") };
        service = new ServiceClient(http, clock);
    }

    public void Dispose() => http.Dispose();

    [Fact]
    public async Task Token_comes_from_the_endpoint_in_the_discovery_document_and_is_sent_with_later_requests()
    {
        script.Respond(HttpStatusCode.OK, """{"issuer":"x","token_endpoint":"http://elsewhere:2/token"}""");
        script.Respond(HttpStatusCode.OK, """{"access_token":"secret","expires_in":600,"token_type":"Bearer"}""");
        script.Respond(HttpStatusCode.OK, "{}");
        Assert.Equal(TimeSpan.FromMinutes(10), await service.SignIn(new Credentials("me", "word", IsClient: false), default));
        await service.WaitForInsights(Ecg, default);
        Assert.Equal(
            [
                "http://service:1/.well-known/openid-configuration",
                "http://elsewhere:2/token",
                "http://service:1/api/v1/ecgs/0199/insights",
            ],
            script.Requests.Select(request => request.Uri));
        Assert.Equal(
            "grant_type=password&client_id=idoven-cli&username=me&password=word&scope=ecgs%3Aread+ecgs%3Awrite",
            Encoding.UTF8.GetString(script.Requests[1].Body));
        Assert.Equal([null, null, "Bearer secret"], script.Requests.Select(request => request.Authorization));
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest)]
    [InlineData(HttpStatusCode.Unauthorized)]
    public async Task Rejected_token_request_is_reported_without_the_secret(HttpStatusCode status)
    {
        script.Respond(HttpStatusCode.OK, """{"token_endpoint":"http://service:1/token"}""");
        script.Respond(status, """{"error":"invalid_grant","error_description":"Not valid."}""");
        var error = await Assert.ThrowsAsync<CliException>(() => service.SignIn(new Credentials("me", "word", IsClient: false), default));
        Assert.Equal("No token for user 'me': Not valid.", error.Message);
    }

    [Fact]
    public async Task Upload_is_compressed_and_hashed_before_compression()
    {
        script.Respond(
            HttpStatusCode.Accepted,
            """{"id":"01900000-0000-7000-8000-000000000009","status":"queued","sha256":"of the service","leads":[]}""",
            location: Ecg);
        var uploaded = await service.Upload(new Recording("r", DateTimeOffset.UnixEpoch, [new Lead("I", [1, 2, 3])]), default);

        var request = Assert.Single(script.Requests);
        Assert.Equal(("POST", "application/json", "gzip"), (request.Method, request.ContentType, request.ContentEncoding));
        Assert.True(request.ExpectsContinue, "a long body is sent only after the service has responded");
        using var body = new MemoryStream();
        using var gzip = new GZipStream(new MemoryStream(request.Body), CompressionMode.Decompress);
        await gzip.CopyToAsync(body);
        Assert.Equal(3, JsonDocument.Parse(body.ToArray()).RootElement.GetProperty("leads")[0].GetProperty("samples").GetInt32());
        Assert.Equal((body.Length, Convert.ToHexStringLower(SHA256.HashData(body.ToArray()))), (uploaded.Length, uploaded.Sha256));
        Assert.Equal((Ecg, "queued", "of the service"), (uploaded.Location, uploaded.Ecg.Status, uploaded.Ecg.Sha256));
    }

    [Fact]
    public async Task Error_response_is_reported_with_every_error()
    {
        script.Respond(
            HttpStatusCode.BadRequest,
            """
            {"title":"The request cannot be read","status":400,"detail":"Validation failed.","traceId":"abc",
            "errors":[{"pointer":"/leads/0/samples","detail":"The signal has 3 samples."}]}
            """);
        var error = await Assert.ThrowsAsync<CliException>(() => service.WaitForInsights(Ecg, default));
        Assert.Equal(
            """
            GET /api/v1/ecgs/0199/insights: 400 The request cannot be read: Validation failed.
              /leads/0/samples: The signal has 3 samples.
              traceId abc
            """.ReplaceLineEndings("\n"),
            error.Message);
    }

    [Fact]
    public async Task Error_response_without_problem_document_is_reported_by_its_status()
    {
        script.Respond(HttpStatusCode.BadGateway, "<html>");
        var error = await Assert.ThrowsAsync<CliException>(() => service.WaitForInsights(Ecg, default));
        Assert.Equal("GET /api/v1/ecgs/0199/insights: 502 Bad Gateway", error.Message);
    }

    [Fact]
    public async Task Insights_are_requested_again_after_the_delay_that_the_service_asks_for()
    {
        script.Respond(HttpStatusCode.Accepted, """{"status":"queued"}""", retryAfter: TimeSpan.FromSeconds(7));
        script.Respond(HttpStatusCode.Accepted, """{"status":"queued"}""");
        script.Respond(HttpStatusCode.OK, """{"engineVersion":"1"}""");
        var waiting = service.WaitForInsights(Ecg, default);
        Assert.Single(script.Requests);
        clock.Advance(TimeSpan.FromSeconds(6.9));
        Assert.Single(script.Requests);
        clock.Advance(TimeSpan.FromSeconds(0.1));
        await script.Until(2);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("""{"engineVersion":"1"}""", Encoding.UTF8.GetString(await waiting));
    }

    [Fact]
    public async Task Unreachable_service_is_reported_with_the_command_that_starts_it()
    {
        script.Fail(new HttpRequestException(HttpRequestError.ConnectionError, "refused"));
        var error = await Assert.ThrowsAsync<CliException>(() => service.SignIn(new Credentials("me", "word", IsClient: true), default));
        Assert.Equal("No service at http://service:1/ (refused). ./idoven up starts one.", error.Message);
    }

    [Fact]
    public async Task Another_server_on_the_port_is_detected()
    {
        script.Respond(HttpStatusCode.OK, "<html>");
        var error = await Assert.ThrowsAsync<CliException>(() => service.SignIn(new Credentials("me", "word", IsClient: true), default));
        Assert.Contains("Is another server running there?", error.Message, StringComparison.Ordinal);
    }

    private sealed record Request(
        string Method, string Uri, string? Authorization, string? ContentType, string? ContentEncoding, bool ExpectsContinue, byte[] Body);

    /// <summary>Returns the given responses in order, and records the requests.</summary>
    private sealed class ScriptedService : HttpMessageHandler
    {
        private readonly Queue<Func<HttpResponseMessage>> responses = new();
        private readonly SemaphoreSlim arrived = new(0);

        public List<Request> Requests { get; } = [];

        public void Respond(HttpStatusCode status, string body, Uri? location = null, TimeSpan? retryAfter = null) =>
            responses.Enqueue(() =>
            {
                var response = new HttpResponseMessage(status) { Content = new StringContent(body) };
                response.Headers.Location = location;
                response.Headers.RetryAfter = retryAfter is { } after ? new RetryConditionHeaderValue(after) : null;
                return response;
            });

        public void Fail(Exception failure) => responses.Enqueue(() => throw failure);

        /// <summary>Waits until this number of requests has been made.</summary>
        public async Task Until(int count)
        {
            while (Requests.Count < count)
            {
                Assert.True(await arrived.WaitAsync(TimeSpan.FromSeconds(10)), $"request {count} did not come");
            }
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
            Requests.Add(new Request(
                request.Method.Method,
                request.RequestUri!.AbsoluteUri,
                request.Headers.Authorization?.ToString(),
                request.Content?.Headers.ContentType?.MediaType,
                request.Content?.Headers.ContentEncoding.SingleOrDefault(),
                request.Headers.ExpectContinue == true,
                body));
            arrived.Release();
            var response = responses.Dequeue()();
            response.RequestMessage = request;
            return response;
        }
    }
}
