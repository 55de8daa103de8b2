using System.Security.Cryptography;
using FsCheck.Xunit;
using Idoven.Identity.Keys;
using Idoven.Shared.Data.Configuration;

namespace Idoven.Identity.Tests.Keys;

public sealed class MasterKeyTests
{
    private static readonly MasterKey Key = Random();

    public static TheoryData<string?, string> InvalidSettings => new()
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

    [Theory, MemberData(nameof(InvalidSettings))]
    public void An_invalid_setting_causes_an_error_that_says_what_to_set(string? setting, string what)
    {
        var message = Assert.Throws<ConfigurationException>(() => MasterKey.Read(setting)).Message;
        Assert.Equal($"Auth:MasterKey {what}: give 32 random bytes in base64, such as from: openssl rand -base64 32.", message);
        var isSecret = string.IsNullOrWhiteSpace(setting) || !message.Contains(setting, StringComparison.Ordinal);
        Assert.True(isSecret, "The message contains the secret.");
    }

    [Property]
    public void Sealed_bytes_are_opened_with_the_same_key_and_purpose(byte[] plain) =>
        Assert.Equal(plain, Key.Open(Key.Seal(plain, "purpose"), "purpose"));

    [Fact]
    public void Another_host_with_the_same_setting_opens_sealed_bytes()
    {
        var setting = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        Assert.Equal("secret"u8, MasterKey.Read(setting).Open(MasterKey.Read(setting).Seal("secret"u8, "purpose"), "purpose"));
    }

    [Fact]
    public void Sealed_bytes_do_not_contain_the_plain_text_and_differ_each_time()
    {
        var one = Key.Seal("secret secret secret"u8, "purpose");
        Assert.Equal(-1, one.AsSpan().IndexOf("secret"u8));
        Assert.NotEqual(one, Key.Seal("secret secret secret"u8, "purpose"));
    }

    [Fact]
    public void Sealed_bytes_with_any_byte_changed_are_rejected()
    {
        var sealedBytes = Key.Seal("secret"u8, "purpose");
        for (var at = 0; at < sealedBytes.Length; at++)
        {
            var altered = sealedBytes.ToArray();
            altered[at] ^= 1;
            AssertRejected(() => Key.Open(altered, "purpose"));
        }
    }

    [Fact]
    public void Truncated_sealed_bytes_are_rejected()
    {
        var sealedBytes = Key.Seal("secret"u8, "purpose");
        for (var length = 0; length < sealedBytes.Length; length++)
        {
            AssertRejected(() => Key.Open(sealedBytes.AsSpan(0, length), "purpose"));
        }
    }

    [Theory, InlineData(""), InlineData("Purpose"), InlineData("purpose ")]
    public void Sealed_bytes_are_rejected_for_another_purpose(string purpose) =>
        AssertRejected(() => Key.Open(Key.Seal("secret"u8, "purpose"), purpose));

    [Fact]
    public void Sealed_bytes_are_rejected_with_another_key()
    {
        var sealedBytes = Key.Seal("secret"u8, "purpose");
        var message = AssertRejected(() => Random().Open(sealedBytes, "purpose")).Message;
        Assert.StartsWith("Auth:MasterKey does not open the keys in the database", message, StringComparison.Ordinal);
    }

    private static ConfigurationException AssertRejected(Func<byte[]> open) => Assert.Throws<ConfigurationException>(open);

    private static MasterKey Random() => MasterKey.Read(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
}
