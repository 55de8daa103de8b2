using System.Globalization;
using Idoven.Identity.Accounts;
using Idoven.Identity.Sessions;
using Idoven.Identity.TwoFactor;
using Idoven.Shared.Web;

namespace Idoven.Identity.Recovery;

/// <summary>The verb <c>account</c> of the host program, with which an operator helps users who can no longer sign in.</summary>
internal sealed class AccountVerb(
    IAccounts accounts,
    ISecondFactors factors,
    ISessions sessions,
    RecoverHandler recover,
    ChangeSecondFactorHandler change,
    PublicAddress address)
{
    private const string Usage = """
        account show USERNAME                 prints the stored data of the account
        account recover USERNAME              prints, once, a link for a new password; it is valid for 30 minutes
        account second-factor-off USERNAME    turns it off, for a user who has lost both the app and the recovery codes

        Verify the identity of the user first: the link gives access to the account.
        """;

    // As in sysexits.h.
    private const int UsageExitCode = 64;
    private const int NoAccountExitCode = 1;

    /// <returns>The exit code.</returns>
    public async Task<int> Run(string[] words, TextWriter output, TextWriter errors, CancellationToken ct) => words switch
    {
        ["show", var name] => await Show(name, output, errors, ct),
        ["recover", var name] => await Recover(name, output, errors, ct),
        ["second-factor-off", var name] => await TurnSecondFactorOff(name, output, errors, ct),
        _ => Print(errors, Usage, UsageExitCode),
    };

    private async Task<int> Show(string name, TextWriter output, TextWriter errors, CancellationToken ct)
    {
        if (await accounts.Find(name, ct) is not { } holder)
        {
            return NoAccount(errors, name);
        }

        var factor = await factors.Find(holder.Id, ct);
        Print(output, "id", holder.Id.ToString());
        Print(output, "username", holder.Username);
        var verified = holder.HasVerifiedEmail ? "verified" : "not verified";
        Print(output, "email", holder.Email is null ? "none" : $"{holder.Email} ({verified})");
        Print(output, "role", holder.Role);
        Print(output, "second factor", factor.Since is { } since ? $"on since {since.ToString("u", CultureInfo.InvariantCulture)}" : "off");
        Print(output, "recovery codes", factor.RecoveryCodesLeft.ToString(CultureInfo.InvariantCulture));
        return Print(output, "sessions", (await sessions.List(holder.Id, ct)).Count.ToString(CultureInfo.InvariantCulture));
    }

    private async Task<int> Recover(string name, TextWriter output, TextWriter errors, CancellationToken ct)
    {
        if (await recover.OnHost(name, ct) is not var (holder, token))
        {
            return NoAccount(errors, name);
        }

        Print(output, "username", holder.Username);
        Print(output, "url", address.Resolve($"account/recovery?token={token}").AbsoluteUri);
        return Print(output, "token", token);
    }

    private async Task<int> TurnSecondFactorOff(string name, TextWriter output, TextWriter errors, CancellationToken ct) =>
        await accounts.Find(name, ct) is not { } holder
            ? NoAccount(errors, name)
            : Print(output, "second factor", await change.TurnOffOnHost(holder.Id, ct) ? "off" : "was off");

    private static int Print(TextWriter output, string name, string value) => Print(output, $"{name,-14} {value}", 0);

    private static int Print(TextWriter output, string line, int exitCode)
    {
        output.WriteLine(line);
        return exitCode;
    }

    private static int NoAccount(TextWriter errors, string name) =>
        Print(errors, $"idoven: no account has the name {name}, or it is disabled or not yet activated.", NoAccountExitCode);
}
