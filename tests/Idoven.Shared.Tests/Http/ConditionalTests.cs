using Idoven.Shared.Web;
using Microsoft.AspNetCore.Http;

namespace Idoven.Shared.Tests.Http;

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
    public void If_None_Match_with_the_current_version_is_recognised(string ifNoneMatch, bool isCurrent)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.IfNoneMatch = ifNoneMatch;

        Assert.Equal(isCurrent, Conditional.IsCurrent(context, "1"));
        Assert.Equal("\"1\"", context.Response.Headers.ETag);
    }

    [Theory]
    [InlineData("W/\"1-gzip\"", true)]
    [InlineData("\"0\", W/\"1-br\"", true)]
    [InlineData("\"1-gzip\"", false)]
    [InlineData("W/\"2-gzip\"", false)]
    public void If_None_Match_with_the_etag_of_a_compressed_response_is_recognised(string ifNoneMatch, bool isCurrent)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.IfNoneMatch = ifNoneMatch;

        Assert.Equal(isCurrent, Conditional.IsCurrent(context, "1"));
        Assert.Equal(isCurrent ? ifNoneMatch.Split(", ")[^1] : "\"1\"", context.Response.Headers.ETag);
    }

    [Theory]
    [InlineData("\"1\"", true)]
    [InlineData("\"0\", \"1\"", true)]
    [InlineData("*", true)]
    [InlineData("W/\"1-gzip\"", true)]
    [InlineData("\"0\", W/\"1-br\"", true)]
    [InlineData("\"1-gzip\"", false)]
    [InlineData("W/\"1-zstd\"", false)]
    [InlineData("W/\"2-gzip\"", false)]
    [InlineData("W/\"1\"", false)]
    [InlineData("\"2\"", false)]
    [InlineData("1", false)]
    [InlineData("", false)]
    public void If_Match_must_name_the_current_version(string ifMatch, bool isNamed)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.IfMatch = ifMatch;

        Assert.Equal(isNamed, Conditional.IfMatch(context)!("1"));
    }

    [Fact]
    public void Change_without_If_Match_is_allowed() => Assert.Null(Conditional.IfMatch(new DefaultHttpContext()));
}
