using Idoven.Host.Http;

namespace Idoven.Host.Unit.Tests.Http;

public sealed class RequestMethodsTests
{
    [Theory]
    [InlineData("GET", "GET, HEAD, OPTIONS")]
    [InlineData("POST", "OPTIONS, POST")]
    [InlineData("PATCH, GET,DELETE", "DELETE, GET, HEAD, OPTIONS, PATCH")]
    [InlineData("GET, HEAD, OPTIONS", "GET, HEAD, OPTIONS")]
    public void Allow_names_head_beside_get_and_options(string routes, string allow) =>
        Assert.Equal(allow, RequestMethods.Complete(routes));
}
