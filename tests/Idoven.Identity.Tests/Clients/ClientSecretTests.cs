using System.Text.RegularExpressions;
using Idoven.Identity.Clients;

namespace Idoven.Identity.Tests.Clients;

public sealed partial class ClientSecretTests
{
    [Fact]
    public void Generated_secrets_have_the_documented_format_and_are_unique()
    {
        var secrets = Enumerable.Range(0, 100).Select(_ => ClientSecret.Generate()).ToArray();

        Assert.All(secrets, secret => Assert.Matches(Form(), secret));
        Assert.All(secrets, secret => Assert.True(ClientSecret.IsIntact(secret)));
        Assert.Equal(secrets.Length, secrets.Distinct().Count());
    }

    /// <summary>The digits are those of a known number; zlib's crc32 of them is 0x7849568F.</summary>
    [Fact]
    public void The_checksum_is_the_CRC_32_of_zlib() =>
        Assert.True(ClientSecret.IsIntact("idvs_00000000000000000000000000000000000000000002CZclj"));

    [Fact]
    public void A_secret_with_a_changed_missing_or_additional_character_is_not_intact()
    {
        var secret = ClientSecret.Generate();

        for (var i = 0; i < secret.Length; i++)
        {
            var other = secret[i] == 'x' ? 'y' : 'x';
            Assert.False(ClientSecret.IsIntact($"{secret[..i]}{other}{secret[(i + 1)..]}"), $"{i}");
            Assert.False(ClientSecret.IsIntact(secret.Remove(i, 1)), $"{i}");
        }

        Assert.False(ClientSecret.IsIntact($"{secret}0"));
        Assert.False(ClientSecret.IsIntact(""));
        Assert.False(ClientSecret.IsIntact("pNYkMsbBrYrWxEWnQ0kqLl0lsXCxZYd8zGvQkS0m5lE"));
    }

    [GeneratedRegex("^idvs_[0-9A-Za-z]{49}$")]
    private static partial Regex Form();
}
