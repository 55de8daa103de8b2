using System.Globalization;

namespace Idoven.Identity.Keys;

/// <summary>The verb <c>keys</c>, which manages the keys of the token server on the host. No HTTP endpoint does.</summary>
internal sealed class KeysVerb(IKeys keys)
{
    private const string Usage = """
        keys list            lists the keys: id (kid), use, algorithm, state, and the times of its changes
        keys rotate          activates the next key of each use; the previous one is accepted until everything that was signed with
                             it has expired. No user is signed out
        keys revoke ID...    removes keys immediately and replaces them. All hosts reject what was signed with a signing key within
                             seconds; what was encrypted with an encryption key cannot be read any more: users must sign in again
        """;

    // As in sysexits.h.
    private const int UsageExitCode = 64;
    private const int NotFoundExitCode = 1;

    /// <returns>The exit code.</returns>
    public async Task<int> Run(string[] words, TextWriter output, TextWriter errors, CancellationToken ct)
    {
        switch (words)
        {
            case ["list"]:
                return Print(output, await keys.List(ct));
            case ["rotate"]:
                return Print(output, await keys.Rotate(ct));
            case ["revoke", _, ..] when Array.TrueForAll(words[1..], id => Guid.TryParse(id, out Guid _)):
                if (await keys.Revoke([.. words.Skip(1).Select(Guid.Parse)], ct) is { } left)
                {
                    return Print(output, left);
                }

                await errors.WriteLineAsync(
                    "idoven: one of the ids does not belong to a key; nothing was changed. keys list prints the ids.");
                return NotFoundExitCode;
            default:
                await errors.WriteLineAsync(Usage);
                return UsageExitCode;
        }
    }

    private static int Print(TextWriter output, IReadOnlyList<Key> keys)
    {
        output.WriteLine($"{"id",-32}  {"use",-10}  {"algorithm",-9}  {"state",-7}  {"made",-20}  {"active",-20}  retired");
        foreach (var key in keys)
        {
            var line = $"{key.Id:N}  {Name(key.Use),-10}  {key.Algorithm,-9}  {Name(key.State),-7}  "
                + $"{Time(key.CreatedAt),-20}  {Time(key.ActivatedAt),-20}  {Time(key.RetiredAt)}";
            output.WriteLine(line.TrimEnd());
        }

        return 0;
    }

    private static string Name<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static string Time(DateTimeOffset? time) => time?.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "-";
}
