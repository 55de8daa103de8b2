using System.Security.Cryptography;
using System.Text;
using Idoven.Shared.Web.Bodies;
using Microsoft.AspNetCore.Http;

namespace Idoven.Shared.Tests.Http;

public sealed class JsonBodyTests
{
    [Fact]
    public async Task A_byte_order_mark_is_skipped_once_and_belongs_to_the_body_of_the_key()
    {
        byte[] plain = [.. "{\"name\":\"a\"}"u8];
        byte[] marked = [.. Encoding.UTF8.Preamble, .. plain];
        foreach (var body in new[] { plain, marked })
        {
            var (read, key) = await JsonBody.ReadWithKey<Named>(Request(body), TestContext.Current.CancellationToken);
            Assert.Equal("a", read.Name);
            Assert.Equal(SHA256.HashData(body), key?.BodySha256);
        }

        byte[][] broken = [[.. Encoding.UTF8.Preamble, .. marked], [.. " "u8, .. marked], [.. Encoding.UTF8.Preamble], [0xEF, 0xBB]];
        foreach (var body in broken)
        {
            await Assert.ThrowsAsync<BadBodyException>(() => JsonBody.Read<Named>(Request(body), TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task The_pointer_to_a_member_escapes_tilde_and_slash()
    {
        var rejected = await Assert.ThrowsAsync<BadBodyException>(() =>
            JsonBody.Read<Named>(Request([.. """{"name":"a","a/b~c~1":1}"""u8]), TestContext.Current.CancellationToken));

        Assert.Equal("/a~1b~0c~01", Assert.Single(rejected.Errors).Pointer);
    }

    private static DefaultHttpContext Request(byte[] body)
    {
        var context = new DefaultHttpContext { Request = { Method = "POST", Path = "/named", ContentType = "application/json" } };
        context.Request.Body = new MemoryStream(body);
        context.Request.Headers["Idempotency-Key"] = "1";
        return context;
    }

    private sealed record Named(string Name);
}
