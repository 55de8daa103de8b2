using System.Globalization;

namespace Idoven.Identity.Keys;

/// <summary>The keys of the token server from the host's command line. Nobody has a way to them over HTTP.</summary>
internal sealed class KeysVerb(IKeys keys)
{
    private const string Usage = """
        keys list            every key: its id (kid), what it is for, its algorithm, its state, since when
        keys rotate          the next key of each use signs from now; the one before is accepted until all that it signed is over.
                             Nobody is logged out
        keys revoke ID...    ends keys at once, another takes the place of each. What was signed with a signing key is refused by every
                             host within seconds, what was sealed with an encryption key opens no more: people sign in again
        """;

    // As in sysexits.h.
    private const int UsageExitCode = 64;
    private const int NoKeyExitCode = 1;

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

                await errors.WriteLineAsync("idoven: one of these is no key's id, and nothing was done: keys list shows them.");
                return NoKeyExitCode;
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
            output.WriteLine($"{key.Id:N}  {Name(key.Use),-10}  {key.Algorithm,-9}  {Name(key.State),-7}  {Time(key.CreatedAt),-20}  {Time(key.ActivatedAt),-20}  {Time(key.RetiredAt)}".TrimEnd());
        }

        return 0;
    }

    private static string Name<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static string Time(DateTimeOffset? time) => time?.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "-";
}
