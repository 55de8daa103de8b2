namespace Idoven.Cli.Recordings;

/// <summary>Makes lead names valid: 1 to 32 characters, no control characters, no spaces at the ends, and no duplicates.</summary>
internal static class LeadNames
{
    private const int MaxLength = 32;

    /// <summary>Returns valid names in the same order. A missing name becomes "lead" and its number.</summary>
    public static IReadOnlyList<string> MakeValid(IEnumerable<string?> names)
    {
        var taken = new HashSet<string>();
        return [.. names.Select((name, index) => Unique(Clean(name) is { Length: > 0 } clean ? clean : $"lead {index + 1}", taken))];
    }

    private static string Clean(string? name) =>
        Truncate(string.Concat((name ?? "").Select(c => char.IsControl(c) ? ' ' : c)).Trim(), MaxLength);

    private static string Unique(string name, HashSet<string> taken)
    {
        var candidate = name;
        for (var number = 2; !taken.Add(candidate); number++)
        {
            var suffix = $" ({number})";
            candidate = Truncate(name, MaxLength - suffix.Length) + suffix;
        }

        return candidate;
    }

    /// <summary>Returns the first characters, without splitting a surrogate pair.</summary>
    public static string Truncate(string name, int length)
    {
        if (name.Length <= length)
        {
            return name;
        }

        return name[..(char.IsHighSurrogate(name[length - 1]) ? length - 1 : length)].Trim();
    }
}
