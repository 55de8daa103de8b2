using Idoven.Identity.Accounts;
using Idoven.Identity.SignIn;
using Microsoft.AspNetCore.Identity;

namespace Idoven.Identity.Tests.SignIn;

public sealed class Argon2idPasswordHasherTests
{
    private const string Salt = "c2FsdHNhbHRzYWx0c2FsdA";
    private const string Hash = "tAF+YHdoU19C15590LLg62GqfYlQ/fRzWBAT7xIVInk";

    private static readonly Account Account = new();
    private readonly Argon2idPasswordHasher hasher = new();

    [Fact]
    public void A_verifier_is_a_PHC_string_with_the_current_parameters()
    {
        var verifier = hasher.HashPassword(Account, "correct horse");
        Assert.Matches(@"\A\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}\z", verifier);
        Assert.Equal(PasswordVerificationResult.Success, Verify(verifier, "correct horse"));
    }

    [Fact]
    public void The_same_password_has_a_different_verifier_each_time() =>
        Assert.NotEqual(hasher.HashPassword(Account, "correct horse"), hasher.HashPassword(Account, "correct horse"));

    /// <summary>The verifiers come from the command line of the reference implementation (phc-winner-argon2 20171227).</summary>
    [Theory]
    [InlineData(
        "password",
        "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$K13EBUiG7JV+9ZxztmHFTdb7J0WQsnj2V8bZaqyPptE",
        PasswordVerificationResult.Success)]
    [InlineData("pässwörd ✓", $"$argon2id$v=19$m=8192,t=3,p=1${Salt}${Hash}", PasswordVerificationResult.SuccessRehashNeeded)]
    [InlineData(
        "old", "$argon2id$v=19$m=8,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$Uc9gpDHKg0bdUoYAgrBhEw", PasswordVerificationResult.SuccessRehashNeeded)]
    public void Verifiers_of_the_reference_implementation_are_accepted(
        string password, string verifier, PasswordVerificationResult result) =>
        Assert.Equal(result, Verify(verifier, password));

    [Fact]
    public void An_unpaired_surrogate_in_a_password_is_accepted() =>
        Assert.Equal(PasswordVerificationResult.Success, Verify(hasher.HashPassword(Account, "a\ud800"), "a\ud800"));

    [Theory]
    [InlineData("")]
    [InlineData("Correct horse")]
    [InlineData("correct horse ")]
    [InlineData("correct hors")]
    [InlineData("correct horse\0")]
    public void A_different_password_fails(string password) =>
        Assert.Equal(PasswordVerificationResult.Failed, Verify(hasher.HashPassword(Account, "correct horse"), password));

    [Theory]
    [InlineData(Argon2idPasswordHasher.MemoryKib, Argon2idPasswordHasher.Passes, PasswordVerificationResult.Success)]
    [InlineData(Argon2idPasswordHasher.MemoryKib + 1024, Argon2idPasswordHasher.Passes + 1, PasswordVerificationResult.Success)]
    [InlineData(Argon2idPasswordHasher.MemoryKib - 1, Argon2idPasswordHasher.Passes, PasswordVerificationResult.SuccessRehashNeeded)]
    [InlineData(Argon2idPasswordHasher.MemoryKib, Argon2idPasswordHasher.Passes - 1, PasswordVerificationResult.SuccessRehashNeeded)]
    public void A_verifier_with_weaker_parameters_needs_a_rehash(int memoryKib, int passes, PasswordVerificationResult result)
    {
        var salt = new byte[16];
        var hash = Argon2idPasswordHasher.Derive("x", salt, memoryKib, passes, 32);
        var verifier = Argon2idPasswordHasher.Format(memoryKib, passes, salt, hash);
        Assert.Equal(result, Verify(verifier, "x"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("pässwörd ✓")]
    [InlineData("$argon2id$")]
    [InlineData($"argon2id$v=19$m=8192,t=3,p=1${Salt}${Hash}")]
    [InlineData($"$argon2i$v=19$m=8192,t=3,p=1${Salt}${Hash}")]
    [InlineData($"$argon2id$v=16$m=8192,t=3,p=1${Salt}${Hash}")]
    [InlineData($"$argon2id$m=8192,t=3,p=1${Salt}${Hash}")]
    [InlineData($"$argon2id$v=19$m=8192,t=3,p=2${Salt}${Hash}")]
    [InlineData($"$argon2id$v=19$m=8192,t=3${Salt}${Hash}")]
    [InlineData($"$argon2id$v=19$m=8192,m=8192,t=3,p=1${Salt}${Hash}")]
    [InlineData($"$argon2id$v=19$m=8192,t=3,p=1,t=3${Salt}${Hash}")]
    [InlineData($"$argon2id$v=19$m=0,t=3,p=1${Salt}${Hash}")]
    [InlineData($"$argon2id$v=19$m=7,t=3,p=1${Salt}${Hash}")]
    [InlineData($"$argon2id$v=19$m=-8192,t=3,p=1${Salt}${Hash}")]
    [InlineData($"$argon2id$v=19$m=8192,t=0,p=1${Salt}${Hash}")]
    [InlineData($"$argon2id$v=19$m=999999999,t=3,p=1${Salt}${Hash}")]
    [InlineData($"$argon2id$v=19$m=4294967295,t=3,p=1${Salt}${Hash}")]
    [InlineData($"$argon2id$v=19$m=8192,t=2147483647,p=1${Salt}${Hash}")]
    [InlineData($"$argon2id$v=19$m=8192,t=999999999,p=1${Salt}${Hash}")]
    [InlineData($"$argon2id$v=19$m=8192,t=3,p=1$${Hash}")]
    [InlineData($"$argon2id$v=19$m=8192,t=3,p=1${Salt}A${Hash}")]
    [InlineData($"$argon2id$v=19$m=8192,t=3,p=1${Salt}==${Hash}")]
    [InlineData($"$argon2id$v=19$m=8192,t=3,p=1$!2FsdHNhbHRzYWx0c2FsdA${Hash}")]
    [InlineData($"$argon2id$v=19$m=8192,t=3,p=1${Salt}$")]
    [InlineData($"$argon2id$v=19$m=8192,t=3,p=1${Salt}$AAAA")]
    [InlineData($"$argon2id$v=19$m=8192,t=3,p=1${Salt}${Hash}${Hash}")]
    [InlineData($"$argon2id$v=19$m=8192,t=3,p=1${Salt}${Hash}\n")]
    public async Task A_malformed_or_extreme_verifier_fails_quickly_without_an_exception(string verifier)
    {
        var verifying = Task.Run(() => Verify(verifier, "pässwörd ✓"));
        var result = await verifying.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Equal(PasswordVerificationResult.Failed, result);
    }

    private PasswordVerificationResult Verify(string verifier, string password) => hasher.VerifyHashedPassword(Account, verifier, password);
}
