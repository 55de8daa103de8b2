using System.Security.Claims;
using Idoven.Shared.Web.Idempotency;
using Microsoft.AspNetCore.Http;

namespace Idoven.Shared.Tests.Http;

public sealed class RequestKeyTests
{
    private static readonly byte[] Hash = [1, 2, 3];

    [Fact]
    public void A_request_key_belongs_to_the_subject_the_client_and_the_route()
    {
        var key = Key("k", "POST", "/API/v1/ecgs/")!;

        Assert.Equal(new RequestKey("a user", "a client", "POST /api/v1/ecgs", "k", Hash), key);
    }

    [Fact]
    public void A_token_without_a_client_gives_a_key_without_one() => Assert.Equal("", Key("k", client: null)!.ClientId);

    [Theory]
    [InlineData("!")]
    [InlineData("~")]
    [InlineData(255)]
    public void A_key_has_1_to_255_visible_ascii_characters(object key) => Assert.Equal(Text(key), Key(Text(key))!.Key);

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("\u007f")]
    [InlineData("é")]
    [InlineData(256)]
    public void Invalid_key_is_rejected(object key) => Assert.Throws<BadHttpRequestException>(() => Key(Text(key)));

    [Fact]
    public void A_header_that_is_given_twice_is_rejected() => Assert.Throws<BadHttpRequestException>(() => Key(["k", "k"]));

    [Fact]
    public void A_request_without_the_header_has_no_key() => Assert.Null(Key([]));

    /// <summary>A number stands for a key of that length.</summary>
    private static string Text(object key) => key is int length ? new string('k', length) : (string)key;

    private static RequestKey? Key(string key, string method = "POST", string path = "/", string? client = "a client") =>
        Key([key], method, path, client);

    private static RequestKey? Key(string[] header, string method = "POST", string path = "/", string? client = "a client")
    {
        var identity = new ClaimsIdentity([new Claim("sub", "a user")], "Bearer");
        if (client is not null)
        {
            identity.AddClaim(new Claim("client_id", client));
        }

        var context = new DefaultHttpContext { User = new ClaimsPrincipal(identity), Request = { Method = method, Path = path } };
        context.Request.Headers["Idempotency-Key"] = header;
        return context.Key(Hash);
    }
}
