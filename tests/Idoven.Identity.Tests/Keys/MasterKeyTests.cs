using System.Security.Cryptography;
using FsCheck.Xunit;
using Idoven.Identity.Keys;
using Idoven.Shared.Data.Configuration;

namespace Idoven.Identity.Tests.Keys;

public sealed class MasterKeyTests
{
    private static readonly MasterKey Key = Random();

    public static TheoryData<string?, string> Unfit => new()
    {
        { null, "is not set" },
        { "", "is not set" },
        { "   ", "is not set" },
        { "not base64!", "is not 32 bytes in base64" },
        { "c2hvcnQ=", "is not 32 bytes in base64" },
        { Convert.ToBase64String(RandomNumberGenerator.GetBytes(31)), "is not 32 bytes in base64" },
        { Convert.ToBase64String(RandomNumberGenerator.GetBytes(33)), "is not 32 bytes in base64" },
        { Convert.ToBase64String(RandomNumberGenerator.GetBytes(64)), "is not 32 bytes in base64" },
        { Convert.ToBase64String(new byte[32]), "is not random" },
        { Convert.ToBase64String("01234567012345670123456701234567"u8), "is not random" },
    };

    [Theory, MemberData(nameof(Unfit))]
    public void An_unfit_setting_is_told_in_one_line_that_says_what_to_set(string? setting, string what)
    {
        var message = Assert.Throws<ConfigurationException>(() => MasterKey.Read(setting)).Message;
        Assert.Equal($"Auth:MasterKey {what}: give 32 random bytes in base64, such as from: openssl rand -base64 32.", message);
        Assert.True(string.IsNullOrWhiteSpace(setting) || !message.Contains(setting, StringComparison.Ordinal), "a secret is not printed");
    }

    [Property]
    public void What_was_sealed_is_opened(byte[] plain) => Assert.Equal(plain, Key.Open(Key.Seal(plain, "purpose"), "purpose"));

    [Fact]
    public void The_same_setting_opens_on_another_host()
    {
        var setting = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        Assert.Equal("secret"u8, MasterKey.Read(setting).Open(MasterKey.Read(setting).Seal("secret"u8, "purpose"), "purpose"));
    }

    [Fact]
    public void A_seal_hides_what_it_holds_and_differs_each_time()
    {
        var one = Key.Seal("secret secret secret"u8, "purpose");
        Assert.Equal(-1, one.AsSpan().IndexOf("secret"u8));
        Assert.NotEqual(one, Key.Seal("secret secret secret"u8, "purpose"));
    }

    [Fact]
    public void An_altered_byte_anywhere_is_refused()
    {
        var sealedBytes = Key.Seal("secret"u8, "purpose");
        for (var at = 0; at < sealedBytes.Length; at++)
        {
            var altered = sealedBytes.ToArray();
            altered[at] ^= 1;
            Refused(() => Key.Open(altered, "purpose"));
        }
    }

    [Fact]
    public void A_seal_cut_short_is_refused()
    {
        var sealedBytes = Key.Seal("secret"u8, "purpose");
        for (var length = 0; length < sealedBytes.Length; length++)
        {
            Refused(() => Key.Open(sealedBytes.AsSpan(0, length), "purpose"));
        }
    }

    [Theory, InlineData(""), InlineData("Purpose"), InlineData("purpose ")]
    public void Another_purpose_is_refused(string purpose) => Refused(() => Key.Open(Key.Seal("secret"u8, "purpose"), purpose));

    [Fact]
    public void Another_key_is_refused_with_a_line_that_says_so()
    {
        var sealedBytes = Key.Seal("secret"u8, "purpose");
        Assert.StartsWith("Auth:MasterKey does not open the keys in the database", Refused(() => Random().Open(sealedBytes, "purpose")).Message, StringComparison.Ordinal);
    }

    private static ConfigurationException Refused(Func<byte[]> open) => Assert.Throws<ConfigurationException>(open);

    private static MasterKey Random() => MasterKey.Read(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
}
