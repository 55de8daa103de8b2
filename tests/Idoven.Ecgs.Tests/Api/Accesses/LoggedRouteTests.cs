using Idoven.Ecgs.Api.Accesses;
using Idoven.Ecgs.Application.Accesses;
using Idoven.Shared.Web.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Idoven.Ecgs.Tests.Api.Accesses;

public sealed class LoggedRouteTests
{
    private const int Buffer = 100;
    private readonly AccessLog log = new(new AccessOptions { Buffer = Buffer }, new FakeTimeProvider());

    [Theory]
    [InlineData("GET", 503)]
    [InlineData("POST", 200)]
    [InlineData("DELETE", 200)]
    public async Task Reads_are_rejected_while_the_buffer_is_full(string method, int status)
    {
        Assert.Equal(200, (await Send(method)).StatusCode);
        for (var row = 0; row < Buffer; row++)
        {
            log.Add(new EcgAccess
            {
                Id = Guid.NewGuid(),
                At = default,
                Action = AccessActions.Read,
                Outcome = AccessOutcomes.Allowed,
                Subject = $"{row}"
            });
        }

        var response = await Send(method);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(status == 503 ? "5" : "", response.Headers.RetryAfter.ToString());
    }

    [Fact]
    public void Route_without_an_action_makes_the_start_of_the_host_fail()
    {
        var app = WebApplication.CreateSlimBuilder().Build();
        var group = app.MapGroup("/ecgs").LogAccesses();
        group.MapGet("known", () => "").LogsAccess(AccessActions.Read);
        group.MapGet("forgotten", () => "");

        var message = Assert.Throws<InvalidOperationException>(() => ((IEndpointRouteBuilder)app).DataSources.Single().Endpoints).Message;

        Assert.Contains("/ecgs/forgotten", message, StringComparison.Ordinal);
    }

    private async Task<HttpResponse> Send(string method)
    {
        var context = new DefaultHttpContext
        {
            RequestServices = new ServiceCollection().AddLogging().AddSingleton(log).AddSingleton(new CurrentCaller(new()))
                .BuildServiceProvider(),
            Request = { Method = method },
            Response = { Body = new MemoryStream() },
        };
        await new LoggedRoute(AccessActions.Read, _ => Task.CompletedTask).Invoke(context);
        return context.Response;
    }
}
