namespace Idoven.Cli.Recordings;

/// <summary>Names as the service takes them: 1 to 32 characters, no control characters, no blanks at the ends, each once.</summary>
internal static class LeadNames
{
    private const int MaxLength = 32;

    public static IReadOnlyList<string> Of(IEnumerable<string?> names)
    {
        var taken = new HashSet<string>();
        return [.. names.Select((name, index) => Unique(Clean(name) is { Length: > 0 } clean ? clean : $"lead {index + 1}", taken))];
    }

    private static string Clean(string? name) => Cut(string.Concat((name ?? "").Select(c => char.IsControl(c) ? ' ' : c)).Trim(), MaxLength);

    private static string Unique(string name, HashSet<string> taken)
    {
        var candidate = name;
        for (var number = 2; !taken.Add(candidate); number++)
        {
            var suffix = $" ({number})";
            candidate = Cut(name, MaxLength - suffix.Length) + suffix;
        }

        return candidate;
    }

    /// <summary>The first characters; a character of two halves stays whole.</summary>
    public static string Cut(string name, int length)
    {
        if (name.Length <= length)
        {
            return name;
        }

        return name[..(char.IsHighSurrogate(name[length - 1]) ? length - 1 : length)].Trim();
    }
}
