using System.IO.Pipelines;
using System.Net;
using Idoven.Host.Http;
using Idoven.Shared.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Host.Unit.Tests.Http;

public sealed class SmallBodiesTests
{
    private static readonly byte[] Form = "grant_type=password"u8.ToArray();
    private readonly SmallBodies bodies = new();

    [Fact]
    public async Task A_body_is_complete_before_the_request_is_handled()
    {
        var (request, pipe) = Request("192.0.2.1");
        var read = "";
        var handled = bodies.Invoke(request, async context => read = await new StreamReader(context.Request.Body).ReadToEndAsync());
        await pipe.WriteAsync(Form.AsMemory(0, 5), TestContext.Current.CancellationToken);
        Assert.False(handled.IsCompleted);
        Assert.Equal("", read);

        await pipe.WriteAsync(Form.AsMemory(5), TestContext.Current.CancellationToken);
        await pipe.CompleteAsync();
        await handled;
        Assert.Equal("grant_type=password", read);
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", "192.0.2.2")]
    [InlineData("2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1")]
    public async Task An_address_with_its_share_of_unfinished_bodies_gets_429_and_others_are_served(
        string address, string sameCaller, string other)
    {
        var unfinished = Enumerable.Range(0, SmallBodies.PerAddress).Select(_ => Request(address)).ToList();
        var handled = unfinished.ConvertAll(one => bodies.Invoke(one.Context, Done));
        Assert.All(handled, one => Assert.False(one.IsCompleted));

        Assert.Equal(StatusCodes.Status429TooManyRequests, await Whole(sameCaller));
        Assert.Equal(StatusCodes.Status204NoContent, await Whole(other));

        await unfinished[0].Body.CompleteAsync();
        await handled[0];
        Assert.Equal(StatusCodes.Status204NoContent, await Whole(sameCaller));
        Assert.Equal(StatusCodes.Status204NoContent, await Whole(sameCaller));
    }

    [Fact]
    public async Task A_host_at_its_limit_of_unfinished_bodies_returns_503()
    {
        var unfinished = Enumerable.Range(0, SmallBodies.OfAll).Select(i => Request($"10.0.{i / SmallBodies.PerAddress}.1")).ToList();
        var handled = unfinished.ConvertAll(one => bodies.Invoke(one.Context, Done));
        Assert.All(handled, one => Assert.False(one.IsCompleted));
        Assert.Equal(StatusCodes.Status503ServiceUnavailable, await Whole("192.0.2.1"));

        await unfinished[0].Body.CompleteAsync();
        await handled[0];
        Assert.Equal(StatusCodes.Status204NoContent, await Whole("192.0.2.1"));
    }

    [Fact]
    public async Task A_body_with_a_content_length_over_the_limit_is_not_read()
    {
        var (request, _) = Request("192.0.2.1");
        request.Request.ContentLength = BodyLimits.SmallBodyBytes + 1;
        await bodies.Invoke(request, Done);
        Assert.Equal(StatusCodes.Status413PayloadTooLarge, request.Response.StatusCode);
    }

    [Fact]
    public async Task The_body_of_a_route_that_needs_a_token_is_not_read_in_advance()
    {
        var (request, _) = Request("192.0.2.1");
        request.SetEndpoint(new Endpoint(null, new EndpointMetadataCollection(new AuthorizeAttribute()), "needs a token"));
        await bodies.Invoke(request, Done);
        Assert.Equal(StatusCodes.Status204NoContent, request.Response.StatusCode);
    }

    private static Task Done(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private async Task<int> Whole(string address)
    {
        var (request, pipe) = Request(address);
        await pipe.WriteAsync(Form, TestContext.Current.CancellationToken);
        await pipe.CompleteAsync();
        await bodies.Invoke(request, Done);
        return request.Response.StatusCode;
    }

    private static (HttpContext Context, PipeWriter Body) Request(string address)
    {
        var pipe = new Pipe();
        var context = new DefaultHttpContext
        {
            RequestServices = new ServiceCollection().AddLogging().AddProblemDetails().BuildServiceProvider(),
            Connection = { RemoteIpAddress = IPAddress.Parse(address) },
            Request = { Body = pipe.Reader.AsStream() },
            Response = { Body = new MemoryStream() },
        };
        context.Features.Set<IHttpRequestBodyDetectionFeature>(new HasBody());
        return (context, pipe.Writer);
    }

    private sealed class HasBody : IHttpRequestBodyDetectionFeature
    {
        public bool CanHaveBody => true;
    }
}
