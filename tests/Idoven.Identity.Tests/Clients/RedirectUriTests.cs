using Idoven.Identity.Clients;

namespace Idoven.Identity.Tests.Clients;

public sealed class RedirectUriTests
{
    [Theory]
    [InlineData("https://app.example/signed-in")]
    [InlineData("https://app.example")]
    [InlineData("https://app.example:8443/a?b=c&d=%20")]
    [InlineData("http://127.0.0.1:7890/callback")]
    [InlineData("http://[::1]:7890/callback")]
    [InlineData("http://localhost/callback")]
    [InlineData("com.example.app:/callback")]
    [InlineData("com.example.app://signed-in")]
    [InlineData("https://app.example/.well-known/a..b/c.?d=/../e")]
    public void A_redirect_uri_by_the_rules_is_accepted(string uri) => Assert.Null(RedirectUri.FindError(uri));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(" https://app.example/")]
    [InlineData("https://app.example/\n")]
    [InlineData("https://app.example/é")]
    [InlineData("https://app.example/a b")]
    [InlineData("https://app.example/\"")]
    [InlineData("https://*.example/")]
    [InlineData("https:\\\\app.example\\")]
    [InlineData("/signed-in")]
    [InlineData("//app.example/signed-in")]
    [InlineData("signed-in")]
    [InlineData("https://")]
    [InlineData("https:///signed-in")]
    [InlineData("http://app.example/signed-in")]
    [InlineData("http://127.0.0.1.example/")]
    [InlineData("http://192.168.0.1/")]
    [InlineData("ftp://app.example/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("javascript:alert(1)")]
    [InlineData("data:text/html,a")]
    [InlineData("myapp:/callback")]
    [InlineData("https://app.example/#")]
    [InlineData("https://app.example/#a")]
    [InlineData("https://user@app.example/")]
    [InlineData("https://user:password@app.example/")]
    [InlineData("https://app.example/?iss=another")]
    [InlineData("https://app.example/../callback")]
    [InlineData("https://app.example/a/./b")]
    [InlineData("https://app.example/a/..")]
    [InlineData("https://app.example/a/.?b")]
    [InlineData("https://app.example/a/%2E%2e/b")]
    [InlineData("com.example.app:/a/../b")]
    public void A_redirect_uri_that_breaks_a_rule_is_rejected(string? uri) => Assert.NotNull(RedirectUri.FindError(uri));

    [Fact]
    public void A_redirect_uri_of_more_than_2000_characters_is_rejected()
    {
        Assert.Null(RedirectUri.FindError($"https://app.example/{new string('a', 1_980)}"));
        Assert.NotNull(RedirectUri.FindError($"https://app.example/{new string('a', 1_981)}"));
    }
}
