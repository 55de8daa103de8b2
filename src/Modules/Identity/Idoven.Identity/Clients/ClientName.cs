using System.Globalization;
using System.Text;

namespace Idoven.Identity.Clients;

/// <summary>
/// The name of a client, by which users decide what they allow. It is of one script, as in the profile "highly restrictive" of
/// UTS 39: Latin may be combined with Han and kana, Bopomofo or Hangul. No character is invisible or changes the direction of the text.
/// </summary>
internal static class ClientName
{
    public const int MaxLength = 100;

    private const char Blank = ' ';

    /// <summary>A character with the category of a symbol, but not visible.</summary>
    private const int BrailleBlank = 0x2800;

    /// <summary>The scripts that UAX 31 recommends, by block. The category of a code point says whether it is a letter.</summary>
    private static readonly (int First, int Last, Script Script)[] Blocks =
    [
        ('A', 'Z', Script.Latin), ('a', 'z', Script.Latin), (0x00aa, 0x00aa, Script.Latin),
        (0x00ba, 0x00ba, Script.Latin), (0x00c0, 0x024f, Script.Latin), (0x02bb, 0x02bc, Script.Latin),
        (0x0370, 0x03e1, Script.Greek), (0x03f0, 0x03ff, Script.Greek), (0x0400, 0x052f, Script.Cyrillic),
        (0x0531, 0x0588, Script.Armenian), (0x05d0, 0x05f2, Script.Hebrew), (0x0620, 0x06ff, Script.Arabic),
        (0x0750, 0x077f, Script.Arabic), (0x0780, 0x07bf, Script.Thaana), (0x0900, 0x097f, Script.Devanagari),
        (0x0980, 0x09ff, Script.Bengali), (0x0a00, 0x0a7f, Script.Gurmukhi), (0x0a80, 0x0aff, Script.Gujarati),
        (0x0b00, 0x0b7f, Script.Oriya), (0x0b80, 0x0bff, Script.Tamil), (0x0c00, 0x0c7f, Script.Telugu),
        (0x0c80, 0x0cff, Script.Kannada), (0x0d00, 0x0d7f, Script.Malayalam), (0x0d80, 0x0dff, Script.Sinhala),
        (0x0e00, 0x0e7f, Script.Thai), (0x0e80, 0x0eff, Script.Lao), (0x0f00, 0x0fff, Script.Tibetan),
        (0x1000, 0x109f, Script.Myanmar), (0x10a0, 0x10ff, Script.Georgian), (0x1100, 0x115e, Script.Hangul),
        (0x1161, 0x11ff, Script.Hangul), (0x1200, 0x137f, Script.Ethiopic), (0x1780, 0x17b3, Script.Khmer),
        (0x17b6, 0x17ff, Script.Khmer), (0x1c90, 0x1cbf, Script.Georgian), (0x1e00, 0x1eff, Script.Latin),
        (0x1f00, 0x1fff, Script.Greek), (0x3005, 0x3007, Script.Han), (0x3041, 0x309f, Script.Hiragana),
        (0x30a1, 0x30ff, Script.Katakana), (0x3105, 0x312f, Script.Bopomofo), (0x3131, 0x3163, Script.Hangul),
        (0x3165, 0x318e, Script.Hangul), (0x31f0, 0x31ff, Script.Katakana), (0x3400, 0x4dbf, Script.Han),
        (0x4e00, 0x9fff, Script.Han), (0xac00, 0xd7a3, Script.Hangul), (0x20000, 0x3134f, Script.Han),
    ];

    /// <summary>Marks that are not visible, or only choose how the character before them looks.</summary>
    private static readonly (int First, int Last)[] InvisibleMarks =
        [(0x034f, 0x034f), (0x17b4, 0x17b5), (0x180b, 0x180f), (0xfe00, 0xfe0f), (0xe0100, 0xe01ef)];

    private static readonly Script[][] Combinations =
    [
        [Script.Latin, Script.Han, Script.Hiragana, Script.Katakana],
        [Script.Latin, Script.Han, Script.Bopomofo],
        [Script.Latin, Script.Han, Script.Hangul],
    ];

    private enum Script
    {
        Latin, Greek, Cyrillic, Armenian, Hebrew, Arabic, Thaana, Devanagari, Bengali, Gurmukhi, Gujarati, Oriya, Tamil, Telugu,
        Kannada, Malayalam, Sinhala, Thai, Lao, Tibetan, Myanmar, Georgian, Hangul, Ethiopic, Khmer, Han, Hiragana, Katakana, Bopomofo,
    }

    private enum Kind
    {
        /// <summary>Punctuation, a symbol, an ASCII digit or a blank, which are used with every script.</summary>
        Common,

        /// <summary>A letter or a digit of a script.</summary>
        Letter,

        /// <summary>Part of the letter before it.</summary>
        Mark,

        Rejected,
    }

    /// <summary>Returns the rule that the name breaks; null if it breaks none.</summary>
    public static string? FindError(string name)
    {
        if (name.Length is 0 or > MaxLength || name[0] == Blank || name[^1] == Blank || name.Contains("  ", StringComparison.Ordinal))
        {
            return $"1 to {MaxLength} characters, no blank at the start or the end, no two blanks together.";
        }

        var scripts = new SortedSet<Script>();
        var before = Kind.Common;
        foreach (var rune in name.EnumerateRunes())
        {
            var kind = Classify(rune);
            if (kind == Kind.Rejected || (kind == Kind.Mark && before == Kind.Common))
            {
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"U+{rune.Value:X4} is not accepted: letters, digits, punctuation, symbols and blanks, nothing invisible.");
            }

            if (kind == Kind.Letter)
            {
                scripts.Add(FindScript(rune)!.Value);
            }

            before = kind;
        }

        return scripts.Count <= 1 || Combinations.Any(scripts.IsSubsetOf)
            ? null
            : $"Letters of one script, not of {string.Join(" and ", scripts)}.";
    }

    private static Kind Classify(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        _ when rune == Rune.ReplacementChar => Kind.Rejected,
        UnicodeCategory.DecimalDigitNumber when rune.IsAscii => Kind.Common,
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
            or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.DecimalDigitNumber =>
            FindScript(rune) is null ? Kind.Rejected : Kind.Letter,
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark =>
            InvisibleMarks.Any(range => rune.Value >= range.First && rune.Value <= range.Last) ? Kind.Rejected : Kind.Mark,
        UnicodeCategory.SpaceSeparator => rune.Value == Blank ? Kind.Common : Kind.Rejected,
        UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation or UnicodeCategory.OpenPunctuation
            or UnicodeCategory.ClosePunctuation or UnicodeCategory.InitialQuotePunctuation or UnicodeCategory.FinalQuotePunctuation
            or UnicodeCategory.OtherPunctuation or UnicodeCategory.MathSymbol or UnicodeCategory.CurrencySymbol
            or UnicodeCategory.ModifierSymbol or UnicodeCategory.OtherSymbol =>
            rune.Value == BrailleBlank ? Kind.Rejected : Kind.Common,
        _ => Kind.Rejected,
    };

    private static Script? FindScript(Rune rune)
    {
        foreach (var (first, last, script) in Blocks)
        {
            if (rune.Value >= first && rune.Value <= last)
            {
                return script;
            }
        }

        return null;
    }
}
