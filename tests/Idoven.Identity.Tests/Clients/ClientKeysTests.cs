using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Idoven.Identity.Clients;

namespace Idoven.Identity.Tests.Clients;

public sealed class ClientKeysTests
{
    [Theory, InlineData(2048), InlineData(3072), InlineData(4096)]
    public void An_RSA_key_of_2048_to_4096_bits_is_accepted(int bits) => Assert.Null(Rsa(bits).FindError());

    [Theory, InlineData(1024), InlineData(8192)]
    public void An_RSA_key_of_another_length_is_rejected(int bits) =>
        Assert.Contains("2048 to 4096", Rsa(bits).FindError(), StringComparison.Ordinal);

    [Fact]
    public void A_key_on_P256_is_accepted_and_a_point_outside_the_curve_is_rejected()
    {
        var key = P256();

        Assert.Null(key.FindError());
        Assert.NotNull((key with { Y = key.X }).FindError());
        Assert.NotNull((key with { Crv = "P-384" }).FindError());
        Assert.NotNull((key with { X = "not base64!" }).FindError());
    }

    [Theory]
    [InlineData("""{"kty":"oct"}""")]
    [InlineData("""{"kty":"RSA"}""")]
    [InlineData("""{"kty":"RSA","n":"","e":"AQAB"}""")]
    [InlineData("""{"kty":"EC","crv":"P-256","x":"AA"}""")]
    public void A_key_of_another_type_or_without_all_members_is_rejected(string json) =>
        Assert.NotNull(JsonSerializer.Deserialize<ClientKey>(json, JsonSerializerOptions.Web)!.FindError());

    [Fact]
    public void Use_and_algorithm_must_fit_the_key()
    {
        Assert.Null((P256() with { Use = "sig", Alg = "ES256" }).FindError());
        Assert.NotNull((P256() with { Use = "enc" }).FindError());
        Assert.NotNull((P256() with { Alg = "PS256" }).FindError());
        Assert.NotNull((Rsa(2048) with { Alg = "ES256" }).FindError());
        Assert.NotNull((Rsa(2048) with { Alg = "HS256" }).FindError());
    }

    [Fact]
    public void A_set_has_one_to_five_keys_and_each_of_several_keys_has_its_own_kid()
    {
        var (one, other) = (P256() with { Kid = "a" }, P256() with { Kid = "b" });

        Assert.Null(new ClientKeys([one, other]).FindError());
        Assert.Equal("/keys/1/kid", new ClientKeys([one, one]).FindError()?.Pointer);
        Assert.Equal("/keys/0/kid", new ClientKeys([P256(), other]).FindError()?.Pointer);
        Assert.Equal("/keys", new ClientKeys([]).FindError()?.Pointer);
        Assert.Equal("/keys", new ClientKeys([.. Enumerable.Range(0, 6).Select(i => one with { Kid = $"{i}" })]).FindError()?.Pointer);
    }

    [Fact]
    public void A_key_with_a_private_member_is_rejected() =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<ClientKeys>(
            """{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA","d":"AA"}]}""", JsonSerializerOptions.Web));

    private static ClientKey Rsa(int bits)
    {
        using var rsa = RSA.Create(bits);
        var parameters = rsa.ExportParameters(includePrivateParameters: false);
        return new ClientKey("RSA", N: Base64Url.EncodeToString(parameters.Modulus), E: Base64Url.EncodeToString(parameters.Exponent));
    }

    private static ClientKey P256()
    {
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = ecdsa.ExportParameters(includePrivateParameters: false).Q;
        return new ClientKey("EC", Crv: "P-256", X: Base64Url.EncodeToString(point.X), Y: Base64Url.EncodeToString(point.Y));
    }
}
