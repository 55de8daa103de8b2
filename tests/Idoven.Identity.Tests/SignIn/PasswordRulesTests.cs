using Idoven.Identity.SignIn;

namespace Idoven.Identity.Tests.SignIn;

public sealed class PasswordRulesTests
{
    [Theory]
    [InlineData(7, false)]
    [InlineData(8, true)]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public void A_password_has_its_length_in_characters(int length, bool isGood)
    {
        Assert.Equal(isGood, PasswordRules.FindError(string.Concat(Enumerable.Repeat("q ", length))[..length]) is null);
        Assert.Equal(isGood, PasswordRules.FindError(string.Concat(Enumerable.Repeat("\U0001F40E", length))) is null);
    }

    [Theory]
    [InlineData("ada.lovelace.1815")]
    [InlineData("ADA.Lovelace.1815")]
    [InlineData("ada@example.org")]
    [InlineData("Ada@Example.org")]
    public void A_password_is_nothing_that_its_holder_signs_in_with(string password) =>
        Assert.Equal("Not the username, and not the e-mail address.", PasswordRules.FindError(password, "ada.lovelace.1815", "ada@example.org"));

    [Theory, InlineData("password"), InlineData("PassWord1"), InlineData("iloveyou"), InlineData("12345678"), InlineData("P@ssw0rd"), InlineData("qwertyuiop")]
    public void A_password_is_none_that_many_people_have(string password) =>
        Assert.StartsWith("Not one that many people have", PasswordRules.FindError(password, "ada"), StringComparison.Ordinal);

    [Theory]
    [InlineData("correct horse battery staple")]
    [InlineData("qvzkwmxt")]
    [InlineData("        ")]
    [InlineData("пароль из слов")]
    public void Nothing_else_is_asked_of_it(string password) => Assert.Null(PasswordRules.FindError(password, "ada", null));

    [Fact]
    public void The_list_is_long_and_has_only_what_could_be_chosen() => Assert.InRange(CommonPasswords.Count, 10_000, 100_000);
}
