using Idoven.Ecgs.Api.Download;
using Microsoft.AspNetCore.Http;

namespace Idoven.Ecgs.Tests.Api.Download;

public sealed class NegotiationTests
{
    [Theory]
    [InlineData(null, SignalFormat.Json)]
    [InlineData("*/*", SignalFormat.Json)]
    [InlineData("application/json", SignalFormat.Json)]
    [InlineData("text/csv", SignalFormat.Csv)]
    [InlineData("text/*", SignalFormat.Csv)]
    [InlineData("application/octet-stream", SignalFormat.Binary)]
    [InlineData("APPLICATION/Octet-Stream", SignalFormat.Binary)]
    [InlineData("application/json;q=0.5, text/csv;q=0.9", SignalFormat.Csv)]
    [InlineData("text/html, application/xhtml+xml, */*;q=0.8", SignalFormat.Json)]
    [InlineData("text/html, text/csv;q=0.1", SignalFormat.Csv)]
    [InlineData("application/json;q=0, */*", SignalFormat.Csv)]
    [InlineData("application/octet-stream, application/*;q=0.2", SignalFormat.Binary)]
    [InlineData("*/*;q=0, text/csv", SignalFormat.Csv)]
    [InlineData("text/html", null)]
    [InlineData("application/json;q=0", null)]
    [InlineData("*/*;q=0", null)]
    public void Accept_selects_the_media_type(string? accept, string? format)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Accept = accept;
        Assert.Equal(format, Negotiation.Choose(context.Request, SignalFormat.All));
    }
}
