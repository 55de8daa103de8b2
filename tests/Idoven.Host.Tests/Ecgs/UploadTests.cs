using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Ecgs;

public sealed class UploadTests(RunningParts parts)
{
    private const string Date = "\"date\":\"2026-11-23T10:15:00+01:00\"";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Consecutive_uploads_share_a_connection(bool isChunked)
    {
        var connections = 0;
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, ct) =>
            {
                Interlocked.Increment(ref connections);
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(context.DnsEndPoint, ct);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var owner = new HttpClient(handler) { BaseAddress = parts.Host.Ecgs };
        owner.DefaultRequestHeaders.Authorization = new("Bearer", await parts.Host.NewOwnerToken("ecgs:write"));
        owner.DefaultRequestHeaders.TransferEncodingChunked = isChunked;
        var signal = string.Join(',', Enumerable.Range(0, 5000));
        for (var i = 0; i < 5; i++)
        {
            using var response = await owner.PostAsync(
                EcgCalls.Route,
                new StringContent($$"""{{{Date}},"leads":[{"name":"I","signal":[{{signal}}]}]}""", Encoding.UTF8, "application/json"));
            Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        }

        Assert.Equal(1, connections);
    }

    public static TheoryData<string, string> BadBodies => new()
    {
        { "", "" },
        { "{", "" },
        { "[1]", "" },
        { $$"""{{{Date}},"leads":[{"name":"I","signal":[1,2""", "" },
        { $$"""{{{Date}},"leads":[{"name":"I","signal":[1]}]} x""", "" },
        { $$"""{{{Date}},"leads":[{"name":"I","signal":[1]}],"id":"1"}""", "/id" },
        { $$"""{{{Date}},"leads":[{"name":"I","signal":[1]}],"colour":"red"}""", "/colour" },
        { $$"""{{{Date}},"leads":[{"name":"I","signal":[1],"a/b":1}]}""", "/leads/0/a~1b" },
        { $$"""{{{Date}},{{Date}},"leads":[{"name":"I","signal":[1]}]}""", "/date" },
        { "{" + Date + "}", "/leads" },
        { $$"""{{{Date}},"leads":[]}""", "/leads" },
        { $$"""{{{Date}},"leads":[{"name":"I"}]}""", "/leads/0/signal" },
        { $$"""{{{Date}},"leads":[{"name":"I","signal":[]}]}""", "/leads/0/signal" },
        { $$"""{{{Date}},"leads":[{"signal":[1]}]}""", "/leads/0/name" },
        { $$"""{{{Date}},"leads":[{"name":" I","signal":[1]}]}""", "/leads/0/name" },
        { $$"""{{{Date}},"leads":[{"name":"I","samples":3,"signal":[1,2]}]}""", "/leads/0/samples" },
        { $$"""{{{Date}},"leads":[{"name":"I","signal":[1,2.5]}]}""", "/leads/0/signal/1" },
        { $$"""{{{Date}},"leads":[{"name":"I","signal":[1,1e2]}]}""", "/leads/0/signal/1" },
        { $$"""{{{Date}},"leads":[{"name":"I","signal":[NaN]}]}""", "/leads/0/signal/0" },
        { $$"""{{{Date}},"leads":[{"name":"I","signal":[null]}]}""", "/leads/0/signal/0" },
        { $$"""{{{Date}},"leads":[{"name":"I","signal":["1"]}]}""", "/leads/0/signal/0" },
        { $$"""{{{Date}},"leads":[{"name":"I","signal":[2147483648]}]}""", "/leads/0/signal/0" },
        { $$"""{{{Date}},"leads":[{"name":"I","signal":[0,-2147483649]}]}""", "/leads/0/signal/1" },
        { $$"""{{{Date}},"leads":[{"name":"I","signal":[1]},{"name":"I","signal":[1]}]}""", "/leads/1/name" },
        { """{"date":"2026-11-23T10:15:00","leads":[{"name":"I","signal":[1]}]}""", "/date" },
        { """{"date":"yesterday","leads":[{"name":"I","signal":[1]}]}""", "/date" },
        { """{"leads":[{"name":"I","signal":[1]}]}""", "/date" },
        { $$"""{{{Date}},"samplingFrequency":0,"leads":[{"name":"I","signal":[1]}]}""", "/samplingFrequency" },
        {
            $$"""{{{Date}},"leads":[{{string.Join(',', Enumerable.Range(0, 65).Select(i => $$"""{"name":"L{{i}}","signal":[1]}"""))}}]}""",
            "/leads/64"
        },
    };

    [Theory, MemberData(nameof(BadBodies))]
    public async Task Invalid_body_returns_400_with_a_pointer_and_nothing_is_stored(string body, string pointer)
    {
        using var owner = await parts.Host.NewOwner();

        var problem = await (await owner.Upload(body)).Problem(HttpStatusCode.BadRequest);

        if (pointer.Length > 0)
        {
            Assert.Equal(pointer, problem.GetProperty("errors")[0].GetProperty("pointer").GetString());
            Assert.NotEmpty(problem.GetProperty("errors")[0].GetProperty("detail").GetString()!);
        }
        else if (body.Length > 0 && body[0] == '{')
        {
            Assert.Contains("At byte ", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }

        Assert.Equal("""{"items":[],"next":null}""", await owner.GetStringAsync(EcgCalls.Route));
    }

    [Fact]
    public async Task Accepted_upload_is_returned_as_it_was_sent()
    {
        using var owner = await parts.Host.NewOwner();
        var body = $$"""
            {{{Date}},"samplingFrequency":500.5,"unit":"uV","gain":200,"adcZero":3,"externalId":"order 17",
             "leads":[{"name":"I","samples":3,"signal":[1,-2147483648,2147483647]},{"name":"aVR","signal":[0]}]}
            """;

        using var response = await owner.Upload(body);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var ecg = await owner.GetFromJsonAsync<JsonElement>(response.Headers.Location);
        Assert.Equal("2026-11-23T09:15:00+00:00", ecg.GetProperty("date").GetString());
        Assert.Equal(500.5, ecg.GetProperty("samplingFrequency").GetDouble());
        Assert.Equal("uV", ecg.GetProperty("unit").GetString());
        Assert.Equal(200, ecg.GetProperty("gain").GetDouble());
        Assert.Equal(3, ecg.GetProperty("adcZero").GetInt32());
        Assert.Equal("order 17", ecg.GetProperty("externalId").GetString());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body))), ecg.GetProperty("sha256").GetString());
        Assert.Equal("""[{"name":"I","samples":3},{"name":"aVR","samples":1}]""", ecg.GetProperty("leads").GetRawText());
        Assert.Equal(
            """{"lead":"I","from":0,"signal":[1,-2147483648,2147483647]}""",
            await owner.GetStringAsync($"{response.Headers.Location}/signal?lead=I"));
    }

    /// <summary>
    /// Follows rarely used values through the whole flow: the database, the list and its filters, and the event of the analysis.
    /// </summary>
    [Fact]
    public async Task Latest_date_and_integers_with_a_decimal_point_are_stored_listed_and_analysed()
    {
        using var owner = await parts.Host.NewOwner();
        byte[] body =
        [
            .. Encoding.UTF8.Preamble,
            .. """{"date":"9999-12-31T22:59:59.9999999-0100","adcZero":3.0,"""u8,
            .. """ "leads":[{"name":"I","samples":3.0,"signal":[1.0,-3.00,-2147483648.0]}]}"""u8,
        ];

        using var response = await owner.PostAsync(EcgCalls.Route, Packed(body, encoding: null));

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var ecg = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("9999-12-31T23:59:59.999999+00:00", ecg.GetProperty("date").GetString());
        Assert.Equal(3, ecg.GetProperty("adcZero").GetInt32());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(body)), ecg.GetProperty("sha256").GetString());
        var signal = await owner.GetStringAsync($"{response.Headers.Location}/signal?lead=I");
        Assert.Equal("""{"lead":"I","from":0,"signal":[1,-3,-2147483648]}""", signal);
        foreach (var (filter, isFound) in new[]
        {
            ("from=9999-12-31T23:59:59Z", true), ("from=9999-12-31T22:59:59-0100", true), ("to=9999-12-31T23:59:59Z", false),
            ("to=9999-12-31T23:59:59.9999999Z", true), ("from=9999-12-31T23:59:59.9999999Z", false),
            ("from=0001-01-01T00:00:00Z", true), ("to=0001-01-01T00:00:00Z", false),
        })
        {
            var list = await owner.GetFromJsonAsync<JsonElement>($"{EcgCalls.Route}?{filter}");
            Assert.True(isFound == (list.GetProperty("items").GetArrayLength() == 1), filter);
        }

        foreach (var filter in new[] { "from=9999-12-31T23:59:59-0100", "to=0001-01-01T00:00:00%2B01:00" })
        {
            await (await owner.GetAsync($"{EcgCalls.Route}?{filter}")).Problem(HttpStatusCode.BadRequest);
        }

        Assert.Equal("processed", await owner.EndStatus(ecg.GetProperty("id").GetGuid()));
        var read = await owner.GetFromJsonAsync<JsonElement>(response.Headers.Location);
        Assert.Equal(ecg.GetProperty("date").GetString(), read.GetProperty("date").GetString());
    }

    [Theory, InlineData("gzip"), InlineData("x-gzip"), InlineData("br"), InlineData("zstd")]
    public async Task Compressed_body_is_decompressed(string encoding)
    {
        using var owner = await parts.Host.NewOwner();
        var body = Encoding.UTF8.GetBytes(EcgCalls.Body(5, -5, 5));

        using var response = await owner.PostAsync(EcgCalls.Route, Packed(Pack(body, encoding), encoding));

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var ecg = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(body)), ecg.GetProperty("sha256").GetString());
    }

    [Theory, InlineData("gzip"), InlineData("br"), InlineData("zstd")]
    public async Task Body_that_does_not_match_its_content_encoding_returns_400(string encoding)
    {
        using var owner = await parts.Host.NewOwner();

        using var response = await owner.PostAsync(EcgCalls.Route, Packed(Encoding.UTF8.GetBytes(EcgCalls.Body(1)), encoding));

        await response.Problem(HttpStatusCode.BadRequest);
    }

    [
        Theory, InlineData("text/plain", null), InlineData("application/xml", null), InlineData("application/json; charset=utf-16", null),
        InlineData("application/json", "compress"), InlineData(null, null),
    ]
    public async Task Unsupported_content_type_or_encoding_returns_415(string? type, string? encoding)
    {
        using var owner = await parts.Host.NewOwner();
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(EcgCalls.Body(1)));
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        if (encoding is not null)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        await (await owner.PostAsync(EcgCalls.Route, content)).Problem(HttpStatusCode.UnsupportedMediaType);
    }

    [Fact]
    public async Task Body_over_a_configured_limit_returns_413()
    {
        await using var small = await RunningHost.Start(parts.Settings, ("Ecgs:MaxBodyBytes", "20000"), ("Ecgs:MaxSamples", "1000"));
        using var owner = await small.NewOwner();
        var tooLong = Encoding.UTF8.GetBytes(EcgCalls.Body(new int[20_000]));

        Assert.Equal(HttpStatusCode.Accepted, (await owner.Upload(EcgCalls.Body(new int[1000]))).StatusCode);
        await (await owner.Upload(EcgCalls.Body(new int[1001]))).Problem(HttpStatusCode.RequestEntityTooLarge);
        await (await owner.PostAsync(EcgCalls.Route, Packed(tooLong, encoding: null))).Problem(HttpStatusCode.RequestEntityTooLarge);
        foreach (var encoding in new[] { "gzip", "br", "zstd" })
        {
            // A few bytes compressed, too many decompressed.
            await (await owner.PostAsync(EcgCalls.Route, Packed(Pack(tooLong, encoding), encoding)))
                .Problem(HttpStatusCode.RequestEntityTooLarge);
        }

        using var chunked = Packed(tooLong, encoding: null);
        chunked.Headers.ContentLength = null;
        using var request = new HttpRequestMessage(HttpMethod.Post, EcgCalls.Route) { Content = chunked };
        request.Headers.TransferEncodingChunked = true;
        await (await owner.SendAsync(request)).Problem(HttpStatusCode.RequestEntityTooLarge);
        Assert.Equal(1, await owner.CountEcgs());
    }

    [Fact]
    [Trait(LimitedResourceTests.Trait, "connections to the database")]
    public async Task No_database_connection_is_held_while_a_body_arrives_slowly()
    {
        const int slowUploads = 12;
        await using var host = await RunningHost.Start(
            parts.Settings, ("ConnectionStrings:ecgs", parts.Settings.ConnectionString("ecgs", maxPoolSize: 6)));
        using var owner = await host.NewOwner();
        var uploads = Enumerable.Range(0, slowUploads).Select(_ => new SlowBody(EcgCalls.Body(1, -1))).ToList();
        var responses = uploads.Select(body =>
            owner.SendAsync(new HttpRequestMessage(HttpMethod.Post, EcgCalls.Route) { Content = body })).ToList();
        await Task.WhenAll(uploads.Select(body => body.HalfSent));

        // Twice as many bodies are in transfer as there are connections: a read, which needs one, still succeeds.
        Assert.Equal(HttpStatusCode.OK, (await owner.GetAsync(EcgCalls.Route)).StatusCode);
        Assert.All(responses, response => Assert.False(response.IsCompleted));

        uploads.ForEach(body => body.Finish());
        Assert.All(await Task.WhenAll(responses), response => Assert.Equal(HttpStatusCode.Accepted, response.StatusCode));
    }

    [Fact]
    public async Task Deleting_an_ecg_of_many_blocks_deletes_all_blocks()
    {
        using var owner = await parts.Host.NewOwner();
        var ecg = await owner.Submit();
        await owner.EndStatus(ecg);
        await parts.Host.Execute(
            $"""
             insert into ecgs.signal_blocks (ecg_id, lead_no, block_no, encoding, samples, bytes)
             select ecg_id, lead_no, number, encoding, samples, bytes from ecgs.signal_blocks cross join generate_series(1, 600) as number
               where ecg_id = '{ecg}'
             """);

        Assert.Equal(HttpStatusCode.NoContent, (await owner.DeleteAsync($"{EcgCalls.Route}/{ecg}")).StatusCode);

        Assert.Equal(0L, await parts.Host.Query<long>("select count(*) from ecgs.signal_blocks where ecg_id = $1", ecg));
        Assert.Equal(HttpStatusCode.NotFound, (await owner.GetAsync($"{EcgCalls.Route}/{ecg}")).StatusCode);
    }

    private static ByteArrayContent Packed(byte[] body, string? encoding)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        if (encoding is not null)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        return content;
    }

    private static byte[] Pack(byte[] body, string encoding)
    {
        using var buffer = new MemoryStream();
        using (Stream packing = encoding switch
        {
            "gzip" or "x-gzip" => new GZipStream(buffer, CompressionLevel.Optimal),
            "br" => new BrotliStream(buffer, CompressionLevel.Optimal),
            _ => new ZstdSharp.CompressionStream(buffer),
        })
        {
            packing.Write(body);
        }

        return buffer.ToArray();
    }
}
