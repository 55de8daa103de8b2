using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Idoven.Identity.Accounts;
using Microsoft.AspNetCore.Identity;
using NSec.Cryptography;

namespace Idoven.Identity.SignIn;

/// <summary>
/// Hashes passwords with Argon2id (Biryukov, Dinu, Khovratovich 2016; RFC 9106) at 19 MiB, two passes and one lane, OWASP's minimum.
/// Verifiers are PHC strings, so the parameters can be raised: an old verifier remains valid and is replaced at the next sign-in.
/// </summary>
internal sealed partial class Argon2idPasswordHasher : IPasswordHasher<Account>
{
    public const int MemoryKib = 19_456;
    public const int Passes = 2;
    private const int SaltLength = 16;
    private const int HashLength = 32;

    // The parameters that a stored verifier may have: libsodium's minimum, and a maximum that a sign-in can wait for.
    private const int MinMemoryKib = 8;
    private const int MaxMemoryKib = 1 << 18;
    private const int MaxPasses = 16;

    public string HashPassword(Account user, string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltLength);
        return Format(MemoryKib, Passes, salt, Derive(password, salt, MemoryKib, Passes, HashLength));
    }

    public PasswordVerificationResult VerifyHashedPassword(Account user, string hashedPassword, string providedPassword)
    {
        if (!TryParse(hashedPassword, out var verifier))
        {
            return PasswordVerificationResult.Failed;
        }

        var derived = Derive(providedPassword, verifier.Salt, verifier.MemoryKib, verifier.Passes, verifier.Hash.Length);
        if (!CryptographicOperations.FixedTimeEquals(derived, verifier.Hash))
        {
            return PasswordVerificationResult.Failed;
        }

        return verifier.MemoryKib < MemoryKib || verifier.Passes < Passes
            ? PasswordVerificationResult.SuccessRehashNeeded
            : PasswordVerificationResult.Success;
    }

    internal static byte[] Derive(string password, byte[] salt, int memoryKib, int passes, int length)
    {
        var parameters = new Argon2Parameters { MemorySize = memoryKib, NumberOfPasses = passes, DegreeOfParallelism = 1 };
        var algorithm = PasswordBasedKeyDerivationAlgorithm.Argon2id(parameters);

        // NSec hashes a string as UTF-16; other implementations of Argon2 hash UTF-8.
        return algorithm.DeriveBytes(Encoding.UTF8.GetBytes(password), salt, length);
    }

    internal static string Format(int memoryKib, int passes, byte[] salt, byte[] hash) =>
        string.Create(CultureInfo.InvariantCulture, $"$argon2id$v=19$m={memoryKib},t={passes},p=1${Unpadded(salt)}${Unpadded(hash)}");

    private static bool TryParse(string text, out (int MemoryKib, int Passes, byte[] Salt, byte[] Hash) verifier)
    {
        verifier = default;
        var match = Phc().Match(text);
        if (!match.Success)
        {
            return false;
        }

        var memory = int.Parse(match.Groups["memory"].ValueSpan, CultureInfo.InvariantCulture);
        var passes = int.Parse(match.Groups["passes"].ValueSpan, CultureInfo.InvariantCulture);
        verifier = (memory, passes, Padded(match.Groups["salt"].Value), Padded(match.Groups["hash"].Value));
        return memory is >= MinMemoryKib and <= MaxMemoryKib && passes is >= 1 and <= MaxPasses;
    }

    private static string Unpadded(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    private static byte[] Padded(string text) => Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='));

    // 22 characters are 16 bytes, 43 are 32.
    [GeneratedRegex(
        @"\A\$argon2id\$v=19\$m=(?<memory>[0-9]{1,9}),t=(?<passes>[0-9]{1,9}),p=1"
            + @"\$(?<salt>[A-Za-z0-9+/]{22})\$(?<hash>[A-Za-z0-9+/]{22}([A-Za-z0-9+/]{21})?)\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Phc();
}
