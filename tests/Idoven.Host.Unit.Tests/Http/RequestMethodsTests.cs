using Idoven.Host.Http;

namespace Idoven.Host.Unit.Tests.Http;

public sealed class RequestMethodsTests
{
    [Theory]
    [InlineData("GET", "GET, HEAD, OPTIONS")]
    [InlineData("POST", "OPTIONS, POST")]
    [InlineData("PATCH, GET,DELETE", "DELETE, GET, HEAD, OPTIONS, PATCH")]
    [InlineData("GET, HEAD, OPTIONS", "GET, HEAD, OPTIONS")]
    public void Allow_lists_HEAD_for_GET_and_always_OPTIONS(string routes, string allow) =>
        Assert.Equal(allow, RequestMethods.Complete(routes));
}
