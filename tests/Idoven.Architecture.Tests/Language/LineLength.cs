using System.Text.RegularExpressions;

namespace Idoven.Architecture.Tests.Language;

/// <summary>C# lines have at most 140 characters, Markdown lines 120 outside tables, code blocks and addresses.</summary>
internal static partial class LineLength
{
    public const int CSharp = 140;
    public const int Markdown = 120;

    /// <summary>Returns the lines that are too long.</summary>
    public static IEnumerable<Offence> Check(SourceFile file) => file.Extension switch
    {
        ".cs" => TooLong(file, file.Lines.Index(), CSharp),
        ".md" => TooLong(file, Prose(file.Lines), Markdown),
        _ => [],
    };

    private static IEnumerable<Offence> TooLong(SourceFile file, IEnumerable<(int Index, string Line)> lines, int limit) =>
        from line in lines
        where line.Line.Length > limit
        select new Offence(file.Path, line.Index + 1, $"{line.Line.Length} characters, at most {limit} are allowed");

    /// <summary>The lines outside tables and fenced code, without the addresses of links.</summary>
    private static IEnumerable<(int Index, string Line)> Prose(IReadOnlyList<string> lines)
    {
        string? fence = null;
        foreach (var (index, line) in lines.Index())
        {
            var text = line.TrimStart(' ', '>');
            if (fence is not null)
            {
                fence = text.StartsWith(fence, StringComparison.Ordinal) ? null : fence;
            }
            else if (text.StartsWith("```", StringComparison.Ordinal) || text.StartsWith("~~~", StringComparison.Ordinal))
            {
                fence = text[..3];
            }
            else if (!text.StartsWith('|'))
            {
                yield return (index, Address().Replace(line, ""));
            }
        }
    }

    [GeneratedRegex(@"(?<=\])\([^)]*\)|(?<=\]:) \S+|https?://[^\s>)]+")]
    private static partial Regex Address();
}
