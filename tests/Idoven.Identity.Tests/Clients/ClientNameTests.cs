using System.Globalization;
using System.Text;
using Idoven.Identity.Clients;

namespace Idoven.Identity.Tests.Clients;

public sealed class ClientNameTests
{
    private static readonly UnicodeCategory[] Visible =
    [
        UnicodeCategory.UppercaseLetter, UnicodeCategory.LowercaseLetter, UnicodeCategory.TitlecaseLetter,
        UnicodeCategory.ModifierLetter, UnicodeCategory.OtherLetter, UnicodeCategory.DecimalDigitNumber,
        UnicodeCategory.ConnectorPunctuation, UnicodeCategory.DashPunctuation, UnicodeCategory.OpenPunctuation,
        UnicodeCategory.ClosePunctuation, UnicodeCategory.InitialQuotePunctuation, UnicodeCategory.FinalQuotePunctuation,
        UnicodeCategory.OtherPunctuation, UnicodeCategory.MathSymbol, UnicodeCategory.CurrencySymbol,
        UnicodeCategory.ModifierSymbol, UnicodeCategory.OtherSymbol,
    ];

    [Theory]
    [InlineData("Ward viewer")]
    [InlineData("A ward's viewer <b> & more (2.0)")]
    [InlineData("Überwachung Nº 5 – Köln")]
    [InlineData("Παρακολούθηση ΗΚΓ")]
    [InlineData("Монитор ЭКГ-12")]
    [InlineData("מוניטור אק\"ג")]
    [InlineData("مراقب القلب")]
    [InlineData("हृदय निगरानी")]
    [InlineData("心电图 Viewer")]
    [InlineData("心電図ビューアー ECG")]
    [InlineData("심전도 ECG 뷰어")]
    [InlineData("ECG ♥ 💓")]
    [InlineData("e\u0301 with a mark")]
    public void A_name_of_one_script_is_accepted(string name) => Assert.Null(ClientName.FindError(name));

    [Theory]
    [InlineData("Idoven\u202egnp.\u200b", "U+202E")]
    [InlineData("Idoven\u200b", "U+200B")]
    [InlineData("\u2066Idoven", "U+2066")]
    [InlineData("Ido\u00adven", "U+00AD")]
    [InlineData("Idoven\ufeff", "U+FEFF")]
    [InlineData("Idoven\ufe0f", "U+FE0F")]
    [InlineData("Idoven\u3164", "U+3164")]
    [InlineData("Idoven\u2800", "U+2800")]
    [InlineData("Ido\u00a0ven", "U+00A0")]
    [InlineData("Ido\u2028ven", "U+2028")]
    [InlineData("Ido\tven", "U+0009")]
    [InlineData("\ue000", "U+E000")]
    [InlineData("\uff29doven", "U+FF29")]
    [InlineData("\ud835\udc08doven", "U+1D408")]
    [InlineData("\u13aadoven", "U+13AA")]
    [InlineData("\u0301Idoven", "U+0301")]
    [InlineData("Ido\ud800ven", "U+FFFD")]
    public void A_name_with_an_invisible_or_deceptive_character_is_rejected(string name, string character) =>
        Assert.StartsWith($"{character} is not accepted", ClientName.FindError(name), StringComparison.Ordinal);

    [Theory]
    [InlineData("Idоven", "Latin and Cyrillic")]
    [InlineData("Ιdoven", "Latin and Greek")]
    [InlineData("Idoven монитор", "Latin and Cyrillic")]
    [InlineData("Viewer 심전도 ひ", "Latin and Hangul and Hiragana")]
    [InlineData("Ward ٣", "Latin and Arabic")]
    public void A_name_with_letters_of_two_scripts_is_rejected(string name, string scripts) =>
        Assert.Equal($"Letters of one script, not of {scripts}.", ClientName.FindError(name));

    [Theory, InlineData(""), InlineData(" Idoven"), InlineData("Idoven "), InlineData("Ido  ven"), InlineData(" ")]
    public void A_name_with_blanks_elsewhere_than_between_words_is_rejected(string name) =>
        Assert.StartsWith("1 to 100 characters", ClientName.FindError(name), StringComparison.Ordinal);

    [Fact]
    public void A_name_of_more_than_100_characters_is_rejected()
    {
        Assert.Null(ClientName.FindError(new string('a', 100)));
        Assert.NotNull(ClientName.FindError(new string('a', 101)));
    }

    /// <summary>Tries every code point as a name: no control, format, surrogate or private-use character is accepted.</summary>
    [Fact]
    public void Only_visible_characters_are_accepted()
    {
        var wrong = Enumerable.Range(0, 0x110000)
            .Where(Rune.IsValid)
            .Select(value => new Rune(value))
            .Where(rune => ClientName.FindError(rune.ToString()) is null && !Visible.Contains(Rune.GetUnicodeCategory(rune)))
            .Select(rune => $"U+{rune.Value:X4}");

        Assert.Empty(wrong);
    }
}
