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
    public void Case_white_space_and_domain_encoding_do_not_matter(string one, string other) =>
        Assert.Equal(LoginIdentifier.Normalize(one), LoginIdentifier.Normalize(other));

    [Theory]
    [InlineData("ada", "аda")] // a Cyrillic letter
    [InlineData("ada", "ada1")]
    [InlineData("ada", "ada@example.org")]
    [InlineData("ada@example.org", "ada@exаmple.org")]
    public void Similar_looking_identifiers_are_different(string one, string other) =>
        Assert.NotEqual(LoginIdentifier.Normalize(one), LoginIdentifier.Normalize(other));

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    [InlineData("\uD800")]
    [InlineData("ädä@example.org")]
    [InlineData("ada@-bücher.example")]
    [InlineData("ada@bü..example")]
    public void An_invalid_identifier_normalizes_to_the_empty_string(string typed) => Assert.Equal("", LoginIdentifier.Normalize(typed));

    [Property]
    public Property Normalizing_is_idempotent_and_yields_printable_ASCII(string? typed)
    {
        var normalized = LoginIdentifier.Normalize(typed ?? "");
        return (LoginIdentifier.Normalize(normalized) == normalized && normalized.All(c => c is >= ' ' and <= '~')).ToProperty();
    }

    [Property]
    public Property Case_does_not_matter(string? typed) =>
        (LoginIdentifier.Normalize((typed ?? "").ToUpperInvariant()) == LoginIdentifier.Normalize((typed ?? "").ToLowerInvariant())
            || !System.Text.Ascii.IsValid(typed)).ToProperty();
}
