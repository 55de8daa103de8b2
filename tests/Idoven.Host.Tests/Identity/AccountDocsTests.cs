using System.Text.RegularExpressions;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Identity;

/// <summary>Runs the examples of docs/accounts.md as a user with an authenticator app.</summary>
[Trait("Hosts", "one")]
public sealed partial class AccountDocsTests(RunningParts parts)
{
    [Fact]
    public async Task Examples_change_the_email_address_turn_on_a_second_factor_and_request_recovery()
    {
        var person = await parts.Host.NewPerson();

        var said = await DocExamples.Run(
            parts.Host,
            Path.Combine(Repository.Root, "docs", "accounts.md"),
            line => Task.FromResult(
                Secret().Match(line) is { Success: true } secret ? new Authenticator(secret.Groups["secret"].Value).Code() : null),
            ("PERSON", person.Username), ("PASSWORD", TestUser.Password));

        Assert.Contains($"\"email\":\"{person.Username}@example.org\"", said, StringComparison.Ordinal);
        Assert.Matches("\"recoveryCodes\":\\[(\"[a-z2-7-]{29}\",?){10}\\]", said);
        Assert.EndsWith("202", said.TrimEnd(), StringComparison.Ordinal);
        Assert.Equal("invalid_grant", await parts.Host.TokenError(person.PasswordGrant()));
    }

    [GeneratedRegex("\"secret\":\"(?<secret>[A-Z2-7]+)\"")]
    private static partial Regex Secret();
}
