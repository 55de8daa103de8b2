using Idoven.Shared.Web;
using Microsoft.AspNetCore.Http;

namespace Idoven.Shared.Tests.Http;

public sealed class PreferHeaderTests
{
    [Theory]
    [InlineData(0, "wait=0")]
    [InlineData(29, "wait=29")]
    [InlineData(30, "wait=30")]
    [InlineData(30, "wait=31")]
    [InlineData(30, "wait=2147483647")]
    [InlineData(5, "respond-async, WAIT = \"5\"; a=b, wait=7")]
    public void Wait_is_read_from_the_preferences_and_is_at_most_30_s(int seconds, string prefer) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Wait(prefer));

    [Theory]
    [InlineData("wait")]
    [InlineData("wait=")]
    [InlineData("wait=-1")]
    [InlineData("wait=1.5")]
    [InlineData("wait=2147483648")]
    [InlineData("respond-async")]
    public void A_preference_without_whole_seconds_is_ignored(string prefer) => Assert.Null(Wait(prefer));

    [Fact]
    public void Wait_is_read_from_the_second_header_line() =>
        Assert.Equal(TimeSpan.FromSeconds(3), Wait("respond-async", "wait=3"));

    private static TimeSpan? Wait(params string[] prefer)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers["Prefer"] = prefer;
        return PreferHeader.Wait(context.Request);
    }
}
