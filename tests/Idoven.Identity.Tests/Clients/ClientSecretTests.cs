using System.Text.RegularExpressions;
using Idoven.Identity.Clients;

namespace Idoven.Identity.Tests.Clients;

public sealed partial class ClientSecretTests
{
    [Fact]
    public void Secrets_are_of_the_documented_form_and_each_is_another()
    {
        var secrets = Enumerable.Range(0, 100).Select(_ => ClientSecret.Generate()).ToArray();

        Assert.All(secrets, secret => Assert.Matches(Form(), secret));
        Assert.All(secrets, secret => Assert.True(ClientSecret.IsIntact(secret)));
        Assert.Equal(secrets.Length, secrets.Distinct().Count());
    }

    /// <summary>43 digits for a known number, and the checksum that zlib's crc32 gives for them: 0x7849568F.</summary>
    [Fact]
    public void The_checksum_is_the_crc_that_every_language_has() =>
        Assert.True(ClientSecret.IsIntact("idvs_00000000000000000000000000000000000000000002CZclj"));

    [Fact]
    public void One_character_too_few_too_many_or_another_is_found()
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
