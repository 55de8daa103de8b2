using System.Collections.Frozen;
using System.IO.Compression;

namespace Idoven.Identity.SignIn;

/// <summary>What many people choose is tried first by whoever guesses. Where the list comes from stands beside it.</summary>
internal static class CommonPasswords
{
    private const string Resource = "common-passwords.txt.gz";

    // Made at the first use: a host that signs nobody in does without.
    private static readonly Lazy<FrozenSet<string>> All = new(Read);

    public static int Count => All.Value.Count;

    /// <summary>However it is written: capitals make it no rarer.</summary>
    public static bool Contains(string password) => All.Value.Contains(password);

    private static FrozenSet<string> Read()
    {
        using var packed = typeof(CommonPasswords).Assembly.GetManifestResourceStream(Resource)!;
        using var reader = new StreamReader(new GZipStream(packed, CompressionMode.Decompress));
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }
}
