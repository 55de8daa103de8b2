using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Idoven.Cli.Recordings;
using Microsoft.Extensions.Time.Testing;

namespace Idoven.Cli.Tests;

public sealed class ServiceClientTests : IDisposable
{
    private static readonly Uri Ecg = new("/api/v1/ecgs/0199", UriKind.Relative);
    private readonly FakeTimeProvider clock = new();
    private readonly Script script = new();
    private readonly HttpClient http;
    private readonly ServiceClient service;

    public ServiceClientTests()
    {
        http = new HttpClient(script) { BaseAddress = new Uri("http://service:1") };
        service = new ServiceClient(http, clock);
    }

    public void Dispose() => http.Dispose();

    [Fact]
    public async Task The_token_endpoint_is_the_one_that_discovery_names_and_the_token_is_sent_from_then_on()
    {
        script.Answer(HttpStatusCode.OK, """{"issuer":"x","token_endpoint":"http://elsewhere:2/token"}""");
        script.Answer(HttpStatusCode.OK, """{"access_token":"secret","expires_in":600,"token_type":"Bearer"}""");
        script.Answer(HttpStatusCode.OK, "{}");
        Assert.Equal(TimeSpan.FromMinutes(10), await service.SignIn(new Credentials("me", "word", IsClient: false), default));
        await service.WaitForInsights(Ecg, default);
        Assert.Equal(["http://service:1/.well-known/openid-configuration", "http://elsewhere:2/token", "http://service:1/api/v1/ecgs/0199/insights"], script.Asked.Select(request => request.Uri));
        Assert.Equal("grant_type=password&client_id=idoven-cli&username=me&password=word&scope=ecgs%3Aread+ecgs%3Awrite", Encoding.UTF8.GetString(script.Asked[1].Body));
        Assert.Equal([null, null, "Bearer secret"], script.Asked.Select(request => request.Authorization));
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest)]
    [InlineData(HttpStatusCode.Unauthorized)]
    public async Task A_refused_token_is_explained_without_the_secret(HttpStatusCode status)
    {
        script.Answer(HttpStatusCode.OK, """{"token_endpoint":"http://service:1/token"}""");
        script.Answer(status, """{"error":"invalid_grant","error_description":"Not valid."}""");
        var refused = await Assert.ThrowsAsync<CliException>(() => service.SignIn(new Credentials("me", "word", IsClient: false), default));
        Assert.Equal("no token for user 'me': Not valid.", refused.Message);
    }

    [Fact]
    public async Task An_upload_is_packed_and_its_hash_is_that_of_the_unpacked_body()
    {
        script.Answer(HttpStatusCode.Accepted, """{"id":"01900000-0000-7000-8000-000000000009","status":"queued","sha256":"of the service","leads":[]}""", location: Ecg);
        var uploaded = await service.Upload(new Recording("r", DateTimeOffset.UnixEpoch, [new Lead("I", [1, 2, 3])]), default);

        var asked = Assert.Single(script.Asked);
        Assert.Equal(("POST", "application/json", "gzip"), (asked.Method, asked.ContentType, asked.ContentEncoding));
        Assert.True(asked.ExpectsContinue, "a long body waits for the service's word");
        using var unpacked = new MemoryStream();
        using var gzip = new GZipStream(new MemoryStream(asked.Body), CompressionMode.Decompress);
        await gzip.CopyToAsync(unpacked);
        Assert.Equal(3, JsonDocument.Parse(unpacked.ToArray()).RootElement.GetProperty("leads")[0].GetProperty("samples").GetInt32());
        Assert.Equal((unpacked.Length, Convert.ToHexStringLower(SHA256.HashData(unpacked.ToArray()))), (uploaded.Length, uploaded.Sha256));
        Assert.Equal((Ecg, "queued", "of the service"), (uploaded.Location, uploaded.Ecg.Status, uploaded.Ecg.Sha256));
    }

    [Fact]
    public async Task A_refusal_is_told_with_every_error()
    {
        script.Answer(HttpStatusCode.BadRequest, """{"title":"The request cannot be read","status":400,"detail":"The body breaks a rule.","traceId":"abc","errors":[{"pointer":"/leads/0/samples","detail":"The signal has 3 samples."}]}""");
        var refused = await Assert.ThrowsAsync<CliException>(() => service.WaitForInsights(Ecg, default));
        Assert.Equal(
            "GET /api/v1/ecgs/0199/insights: 400 The request cannot be read: The body breaks a rule.\n  /leads/0/samples: The signal has 3 samples.\n  traceId abc", refused.Message);
    }

    [Fact]
    public async Task A_refusal_in_other_words_is_told_by_its_status()
    {
        script.Answer(HttpStatusCode.BadGateway, "<html>");
        var refused = await Assert.ThrowsAsync<CliException>(() => service.WaitForInsights(Ecg, default));
        Assert.Equal("GET /api/v1/ecgs/0199/insights: 502 Bad Gateway", refused.Message);
    }

    [Fact]
    public async Task Insights_are_asked_for_again_when_the_service_says_and_not_before()
    {
        script.Answer(HttpStatusCode.Accepted, """{"status":"queued"}""", retryAfter: TimeSpan.FromSeconds(7));
        script.Answer(HttpStatusCode.Accepted, """{"status":"queued"}""");
        script.Answer(HttpStatusCode.OK, """{"engineVersion":"1"}""");
        var waiting = service.WaitForInsights(Ecg, default);
        Assert.Single(script.Asked);
        clock.Advance(TimeSpan.FromSeconds(6.9));
        Assert.Single(script.Asked);
        clock.Advance(TimeSpan.FromSeconds(0.1));
        await script.Until(2);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("""{"engineVersion":"1"}""", Encoding.UTF8.GetString(await waiting));
    }

    [Fact]
    public async Task A_service_that_is_not_there_is_said_to_be_started_by_up()
    {
        script.Fail(new HttpRequestException(HttpRequestError.ConnectionError, "refused"));
        var refused = await Assert.ThrowsAsync<CliException>(() => service.SignIn(new Credentials("me", "word", IsClient: true), default));
        Assert.Equal("no service at http://service:1/ (refused); ./idoven up starts one.", refused.Message);
    }

    [Fact]
    public async Task Another_server_on_the_port_is_noticed()
    {
        script.Answer(HttpStatusCode.OK, "<html>");
        var refused = await Assert.ThrowsAsync<CliException>(() => service.SignIn(new Credentials("me", "word", IsClient: true), default));
        Assert.Contains("is it another one?", refused.Message, StringComparison.Ordinal);
    }

    private sealed record Request(
        string Method, string Uri, string? Authorization, string? ContentType, string? ContentEncoding, bool ExpectsContinue, byte[] Body);

    /// <summary>Answers what it was told to, in order, and remembers what was asked.</summary>
    private sealed class Script : HttpMessageHandler
    {
        private readonly Queue<Func<HttpResponseMessage>> answers = new();
        private readonly SemaphoreSlim arrived = new(0);

        public List<Request> Asked { get; } = [];

        public void Answer(HttpStatusCode status, string body, Uri? location = null, TimeSpan? retryAfter = null) => answers.Enqueue(() =>
        {
            var response = new HttpResponseMessage(status) { Content = new StringContent(body) };
            response.Headers.Location = location;
            response.Headers.RetryAfter = retryAfter is { } after ? new RetryConditionHeaderValue(after) : null;
            return response;
        });

        public void Fail(Exception failure) => answers.Enqueue(() => throw failure);

        /// <summary>Waits until so many requests were made.</summary>
        public async Task Until(int count)
        {
            while (Asked.Count < count)
            {
                Assert.True(await arrived.WaitAsync(TimeSpan.FromSeconds(10)), $"request {count} did not come");
            }
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
            Asked.Add(new Request(
                request.Method.Method, request.RequestUri!.AbsoluteUri, request.Headers.Authorization?.ToString(), request.Content?.Headers.ContentType?.MediaType,
                request.Content?.Headers.ContentEncoding.SingleOrDefault(), request.Headers.ExpectContinue == true, body));
            arrived.Release();
            var response = answers.Dequeue()();
            response.RequestMessage = request;
            return response;
        }
    }
}
