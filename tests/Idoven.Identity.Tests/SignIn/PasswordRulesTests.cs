using Idoven.Identity.SignIn;

namespace Idoven.Identity.Tests.SignIn;

public sealed class PasswordRulesTests
{
    [Theory]
    [InlineData(7, false)]
    [InlineData(8, true)]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public void The_length_of_a_password_is_counted_in_code_points(int length, bool isGood)
    {
        Assert.Equal(isGood, PasswordRules.FindError(string.Concat(Enumerable.Repeat("q ", length))[..length]) is null);
        Assert.Equal(isGood, PasswordRules.FindError(string.Concat(Enumerable.Repeat("\U0001F40E", length))) is null);
    }

    [Theory]
    [InlineData("ada.lovelace.1815")]
    [InlineData("ADA.Lovelace.1815")]
    [InlineData("ada@example.org")]
    [InlineData("Ada@Example.org")]
    public void The_username_and_the_email_address_are_rejected_as_passwords(string password) =>
        Assert.Equal(
            "The password must not be the username or the e-mail address.",
            PasswordRules.FindError(password, "ada.lovelace.1815", "ada@example.org"));

    [Theory]
    [InlineData("password")]
    [InlineData("PassWord1")]
    [InlineData("iloveyou")]
    [InlineData("12345678")]
    [InlineData("P@ssw0rd")]
    [InlineData("qwertyuiop")]
    public void Common_passwords_are_rejected(string password) =>
        Assert.StartsWith("The password is too common", PasswordRules.FindError(password, "ada"), StringComparison.Ordinal);

    [Theory]
    [InlineData("correct horse battery staple")]
    [InlineData("qvzkwmxt")]
    [InlineData("        ")]
    [InlineData("пароль из слов")]
    public void Any_other_password_is_accepted(string password) => Assert.Null(PasswordRules.FindError(password, "ada", null));

    [Fact]
    public void The_list_of_common_passwords_has_ten_thousand_or_more() => Assert.InRange(CommonPasswords.Count, 10_000, 100_000);
}
