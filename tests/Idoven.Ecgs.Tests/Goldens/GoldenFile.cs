namespace Idoven.Ecgs.Tests.Goldens;

/// <summary>
/// <c>analysis.sha256</c>: one line for each recording. With <c>IDOVEN_WRITE_DOCS=1</c> a recording that has no line gets one; a line
/// that is there is never replaced. To accept a change of the engine, delete the lines (or the file), print them again and say why in
/// the commit.
/// </summary>
internal static class GoldenFile
{
    private const string Header =
        "# Written by AnalysisGoldenTests: recording, SHA-256 of samples, insight document, beat lists (JSON), beat lists (stored).";

    private static readonly Lock Writing = new();

    public static string Path { get; } =
        System.IO.Path.Combine(Repository.Root, "tests", "Idoven.Ecgs.Tests", "Goldens", "analysis.sha256");

    public static bool IsWriting => Environment.GetEnvironmentVariable("IDOVEN_WRITE_DOCS") == "1";

    public static IReadOnlyList<AnalysisHashes> Read() =>
        File.Exists(Path) ? [.. File.ReadLines(Path).Where(line => line.Length > 0 && line[0] != '#').Select(AnalysisHashes.Parse)] : [];

    /// <summary>Adds what has no line yet, if that is asked for.</summary>
    public static void AddMissing(IEnumerable<AnalysisHashes> actual)
    {
        if (!IsWriting)
        {
            return;
        }

        lock (Writing)
        {
            var known = Read();
            var added = actual.Where(one => known.All(golden => golden.Name != one.Name));
            var sorted = known.Concat(added).OrderBy(golden => golden.Name, StringComparer.Ordinal);
            File.WriteAllLines(Path, [Header, .. sorted.Select(golden => golden.ToString())]);
        }
    }

    /// <summary>Every difference, in words: an empty list means that nothing changed.</summary>
    /// <param name="golden">The lines of the file.</param>
    /// <param name="actual">What the engine computes now.</param>
    public static IReadOnlyList<string> Compare(IReadOnlyList<AnalysisHashes> golden, IReadOnlyList<AnalysisHashes> actual)
    {
        var expected = golden.ToDictionary(one => one.Name);
        return
        [
            .. actual.Where(one => !expected.ContainsKey(one.Name)).Select(one => $"{one.Name} has no line in the golden file"),
            .. golden.ExceptBy(actual.Select(one => one.Name), one => one.Name).Select(one => $"{one.Name} was not analysed"),
            .. actual.Where(one => expected.ContainsKey(one.Name)).SelectMany(one => Changes(expected[one.Name], one)),
        ];
    }

    private static IEnumerable<string> Changes(AnalysisHashes golden, AnalysisHashes actual)
    {
        (string What, string Golden, string Actual)[] hashes =
        [
            ("the samples", golden.Samples, actual.Samples),
            ("the insight document", golden.Document, actual.Document),
            ("the beat lists in JSON", golden.Beats, actual.Beats),
            ("the stored beat lists", golden.StoredBeats, actual.StoredBeats),
        ];
        return hashes.Where(hash => hash.Golden != hash.Actual).Select(hash => $"{actual.Name}: {hash.What} changed to {hash.Actual}");
    }
}
