using Idoven.Ecgs.Api;
using Microsoft.AspNetCore.Http;

namespace Idoven.Ecgs.Tests.Api;

public sealed class ConditionalTests
{
    [Theory]
    [InlineData("", false)]
    [InlineData("\"1\"", true)]
    [InlineData("W/\"1\"", true)]
    [InlineData("\"0\", \"1\"", true)]
    [InlineData("*", true)]
    [InlineData("\"2\"", false)]
    [InlineData("1", false)]
    public void A_client_that_has_the_version_needs_no_other(string ifNoneMatch, bool isCurrent)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.IfNoneMatch = ifNoneMatch;

        Assert.Equal(isCurrent, Conditional.IsCurrent(context, "1"));
        Assert.Equal("\"1\"", context.Response.Headers.ETag);
    }
}
