using Idoven.Identity.Domain;

namespace Idoven.Identity.Tests.Domain;

public sealed class PasswordRulesTests
{
    [Theory]
    [InlineData(11, false)]
    [InlineData(12, true)]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public void A_password_has_its_length(int length, bool isGood)
    {
        Assert.Equal(isGood, PasswordRules.Broken(new string('a', length), "ada") is null);
        Assert.Equal(isGood, PasswordRules.Broken(string.Concat(Enumerable.Repeat("\U0001F40E", length)), "ada") is null);
    }

    [Theory, InlineData("ada.lovelace.1815"), InlineData("ADA.Lovelace.1815")]
    public void A_password_is_not_the_username(string password) => Assert.Equal("Not the username.", PasswordRules.Broken(password, "ada.lovelace.1815"));
}
