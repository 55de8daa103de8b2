using Idoven.Identity.Pages;
using Idoven.Identity.TokenServer.Endpoints;

namespace Idoven.Identity.Tests.Pages;

public sealed class HtmlTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("<b>", "&lt;b&gt;")]
    [InlineData("\"><script>", "&quot;&gt;&lt;script&gt;")]
    [InlineData("' onerror='", "&#x27; onerror=&#x27;")]
    [InlineData("&amp;", "&amp;amp;")]
    [InlineData(null, "")]
    public void Values_in_html_are_encoded(string? value, string encoded)
    {
        Html html = $"""<p title="{value}">{value}</p>""";
        Assert.Equal($"""<p title="{encoded}">{encoded}</p>""", html.ToString());
    }

    [Fact]
    public void Html_values_are_inserted_without_being_encoded_again()
    {
        Html inner = $"<b>{"<"}</b>";
        Html outer = $"<p>{inner}{new[] { inner, inner }}{(Html?)null}</p>";
        Assert.Equal("<p><b>&lt;</b><b>&lt;</b><b>&lt;</b></p>", outer.ToString());
    }

    [Theory]
    [InlineData("https://app.example/signed-in?a=b", "https://app.example:443")]
    [InlineData("http://127.0.0.1:7890/callback", "http://127.0.0.1:7890")]
    [InlineData("http://[::1]:7890/callback", "http:")]
    [InlineData("com.example.app:/callback", "com.example.app:")]
    [InlineData("https://bücher.example/", "https://xn--bcher-kva.example:443")]
    [InlineData("not absolute", null)]
    [InlineData(null, null)]
    public void The_form_target_of_a_redirect_uri_has_no_path(string? redirectUri, string? source) =>
        Assert.Equal(source, ClientRequest.FormTarget(redirectUri));
}
