using System.Collections.Frozen;
using System.IO.Compression;

namespace Idoven.Identity.SignIn;

/// <summary>The passwords that most people choose, which attackers try first. The file next to the list names its source.</summary>
internal static class CommonPasswords
{
    private const string Resource = "common-passwords.txt.gz";

    // Read at the first use: a host without sign-ins does not need it.
    private static readonly Lazy<FrozenSet<string>> All = new(Read);

    public static int Count => All.Value.Count;

    /// <summary>Returns whether a password is common, in upper or lower case.</summary>
    public static bool Contains(string password) => All.Value.Contains(password);

    private static FrozenSet<string> Read()
    {
        using var packed = typeof(CommonPasswords).Assembly.GetManifestResourceStream(Resource)!;
        using var reader = new StreamReader(new GZipStream(packed, CompressionMode.Decompress));
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }
}
