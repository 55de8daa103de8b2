using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Idoven.Identity.Accounts;

namespace Idoven.Identity.Tests.Accounts;

public sealed class LoginIdentifierTests
{
    [Theory]
    [InlineData("Ada", "ada")]
    [InlineData(" ada ", "ada")]
    [InlineData("Ada@Example.org", "ada@EXAMPLE.ORG")]
    [InlineData("ada@bücher.example", "ada@xn--bcher-kva.example")]
    [InlineData("ada@BÜCHER.example", "ada@xn--bcher-kva.example")]
    public void What_is_written_otherwise_is_the_same(string one, string other) => Assert.Equal(LoginIdentifier.Normalize(one), LoginIdentifier.Normalize(other));

    [Theory]
    [InlineData("ada", "аda")] // a Cyrillic letter
    [InlineData("ada", "ada1")]
    [InlineData("ada", "ada@example.org")]
    [InlineData("ada@example.org", "ada@exаmple.org")]
    public void What_only_looks_the_same_is_not(string one, string other) => Assert.NotEqual(LoginIdentifier.Normalize(one), LoginIdentifier.Normalize(other));

    [Theory, InlineData(""), InlineData("a\0b"), InlineData("\uD800"), InlineData("ädä@example.org"), InlineData("ada@-bücher.example"), InlineData("ada@bü..example")]
    public void What_cannot_be_one_is_nobodys(string typed) => Assert.Equal("", LoginIdentifier.Normalize(typed));

    [Property]
    public Property Whatever_is_typed_has_a_form_that_stays_and_can_be_stored(string? typed)
    {
        var normalized = LoginIdentifier.Normalize(typed ?? "");
        return (LoginIdentifier.Normalize(normalized) == normalized && normalized.All(c => c is >= ' ' and <= '~')).ToProperty();
    }

    [Property]
    public Property Case_makes_no_other_one(string? typed) =>
        (LoginIdentifier.Normalize((typed ?? "").ToUpperInvariant()) == LoginIdentifier.Normalize((typed ?? "").ToLowerInvariant())
            || !System.Text.Ascii.IsValid(typed)).ToProperty();
}
