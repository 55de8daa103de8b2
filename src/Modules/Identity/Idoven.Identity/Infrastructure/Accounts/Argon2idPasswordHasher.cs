using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;
using NSec.Cryptography;

namespace Idoven.Identity.Infrastructure.Accounts;

/// <summary>
/// Argon2id (Biryukov, Dinu, Khovratovich 2016; RFC 9106) at 19 MiB, two passes, one lane: OWASP's floor. Verifiers are PHC strings,
/// so parameters may rise: an old verifier is still read, and replaced at the next sign-in.
/// </summary>
internal sealed class Argon2idPasswordHasher : IPasswordHasher<Account>
{
    public const int MemoryKib = 19_456;
    public const int Passes = 2;
    private const int SaltLength = 16;
    private const int HashLength = 32;
    private const int MaxMemoryKib = 1 << 20;

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
        var algorithm = PasswordBasedKeyDerivationAlgorithm.Argon2id(new Argon2Parameters { MemorySize = memoryKib, NumberOfPasses = passes, DegreeOfParallelism = 1 });
        return algorithm.DeriveBytes(password, salt, length);
    }

    internal static string Format(int memoryKib, int passes, byte[] salt, byte[] hash) =>
        string.Create(CultureInfo.InvariantCulture, $"$argon2id$v=19$m={memoryKib},t={passes},p=1${Unpadded(salt)}${Unpadded(hash)}");

    private static bool TryParse(string text, out (int MemoryKib, int Passes, byte[] Salt, byte[] Hash) verifier)
    {
        verifier = default;
        var parts = text.Split('$');
        if (parts is not ["", "argon2id", "v=19", var parameters, var salt, var hash])
        {
            return false;
        }

        var values = parameters.Split(',').Select(pair => pair.Split('=')).Where(pair => pair.Length == 2).ToDictionary(pair => pair[0], pair => pair[1]);
        if (!Read(values, "m", out var memory) || !Read(values, "t", out var passes) || !Read(values, "p", out var lanes)
            || lanes != 1 || memory > MaxMemoryKib)
        {
            return false;
        }

        try
        {
            verifier = (memory, passes, Padded(salt), Padded(hash));
            return verifier.Salt.Length == SaltLength && verifier.Hash.Length >= HashLength / 2;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static bool Read(Dictionary<string, string> values, string name, out int value)
    {
        value = 0;
        return values.TryGetValue(name, out var text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value > 0;
    }

    private static string Unpadded(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    private static byte[] Padded(string text) => Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='));
}
