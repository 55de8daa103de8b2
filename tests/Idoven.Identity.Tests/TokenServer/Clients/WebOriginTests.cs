using Idoven.Identity.TokenServer.Clients;

namespace Idoven.Identity.Tests.TokenServer.Clients;

public sealed class WebOriginTests
{
    [Theory]
    [InlineData("https://app.example/signed-in", "https://app.example")]
    [InlineData("https://app.example", "https://app.example")]
    [InlineData("https://APP.example:443/cb?x=1", "https://app.example")]
    [InlineData("https://app.example:8443/", "https://app.example:8443")]
    [InlineData("https://xn--bcher-kva.example/cb", "https://xn--bcher-kva.example")]
    [InlineData("http://localhost:5173/cb", "http://localhost:5173")]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1")]
    [InlineData("http://[::1]:7890/cb", "http://[::1]:7890")]
    public void The_origin_is_written_as_browsers_write_it(string redirectUri, string origin) =>
        Assert.Equal(origin, WebOrigin.FromRedirectUri(redirectUri));

    [Theory, InlineData("com.example.app:/cb"), InlineData("com.example.app://cb"), InlineData("null"), InlineData("")]
    public void A_redirect_uri_that_is_not_of_a_web_page_has_no_origin(string redirectUri) =>
        Assert.Null(WebOrigin.FromRedirectUri(redirectUri));
}
