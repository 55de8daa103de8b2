using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Idoven.Identity.TwoFactor;

namespace Idoven.Identity.Tests.TwoFactor;

public sealed class TotpTests
{
    private static readonly byte[] Secret = Encoding.ASCII.GetBytes("12345678901234567890");

    /// <summary>The values of RFC 6238, appendix B, for SHA-1: the last six of the eight digits.</summary>
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void Codes_equal_the_test_values_of_RFC_6238(long seconds, string code) =>
        Assert.Equal(code, Totp.Code(Secret, Totp.Step(DateTimeOffset.FromUnixTimeSeconds(seconds))));

    [Theory]
    [InlineData(-2, false)]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void A_code_is_valid_one_step_early_and_one_step_late(int steps, bool isValid)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_015);
        Assert.Equal(isValid, Totp.Match(Secret, Totp.Code(Secret, Totp.Step(now) + steps), now, lastStep: 0) is not null);
    }

    [Fact]
    public void A_used_code_and_earlier_ones_are_rejected()
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_015);
        var step = Totp.Match(Secret, Totp.Code(Secret, Totp.Step(now)), now, lastStep: 0)!.Value;
        Assert.Null(Totp.Match(Secret, Totp.Code(Secret, step), now, step));
        Assert.Null(Totp.Match(Secret, Totp.Code(Secret, step - 1), now, step));
        Assert.Equal(step + 1, Totp.Match(Secret, Totp.Code(Secret, step + 1), now, step));
    }

    [Theory, InlineData(""), InlineData("28708"), InlineData("2870820"), InlineData("٢٨٧٠٨٢"), InlineData("28708a")]
    public void Text_that_is_not_a_code_is_rejected(string code) =>
        Assert.Null(Totp.Match(Secret, code, DateTimeOffset.FromUnixTimeSeconds(59), 0));

    [Fact]
    public void The_otpauth_URI_has_all_parameters() => Assert.Equal(
        "otpauth://totp/Idoven%20ecg.example.org:ada%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
            + "&issuer=Idoven%20ecg.example.org&algorithm=SHA1&digits=6&period=30",
        Totp.Uri("ecg.example.org", "ada@example.org", Secret));

    /// <summary>The values of RFC 4648, section 10.</summary>
    [Theory]
    [InlineData("", "")]
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foo", "MZXW6")]
    [InlineData("foob", "MZXW6YQ")]
    [InlineData("fooba", "MZXW6YTB")]
    [InlineData("foobar", "MZXW6YTBOI")]
    public void Base32_equals_the_test_values_of_RFC_4648(string text, string encoded) =>
        Assert.Equal(encoded, Base32.Encode(Encoding.ASCII.GetBytes(text)));

    [Property]
    public Property Different_bytes_have_different_base32(byte[] one, byte[] other) =>
        (one.AsSpan().SequenceEqual(other) == (Base32.Encode(one) == Base32.Encode(other))).ToProperty();

    [Fact]
    public void A_recovery_code_is_valid_in_any_case_and_with_spaces()
    {
        var code = RecoveryCode.Generate();
        Assert.Matches("^([a-z2-7]{4}-){5}[a-z2-7]{4}$", code);
        Assert.Equal(RecoveryCode.Hash(code), RecoveryCode.Hash($" {code.ToUpperInvariant().Replace("-", " ", StringComparison.Ordinal)}"));
        Assert.NotEqual(RecoveryCode.Hash(code), RecoveryCode.Hash(RecoveryCode.Generate()));
    }
}
