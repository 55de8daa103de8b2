using Idoven.Host.Tests.Parts;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Idoven.Host.Tests.Identity;

public sealed class RevocationRetentionTests(RunningParts parts)
{
    [Theory]
    [InlineData("ecgs")]
    [InlineData("users")]
    [InlineData("identity")]
    public async Task A_revocation_is_kept_until_every_token_that_it_revokes_has_expired(string module)
    {
        var person = await parts.Host.NewPerson();
        var token = new JsonWebToken((await parts.Host.Token(person)).AccessToken);
        using var admin = await parts.Host.Admin();

        using var disabled = await admin.Patch(person.Id, """{"enabled":false}""");
        Assert.True(disabled.IsSuccessStatusCode);

        var isKnown = $"select exists (select from {module}.revocations where subject = $1)";
        await Eventually.Holds(() => parts.Host.Query<bool>(isKnown, $"{person.Id}"));
        var expiresAt = await parts.Host.Query<DateTime>($"select min(expires_at) from {module}.revocations where subject = $1", $"{person.Id}");
        Assert.InRange(expiresAt, token.ValidTo, token.ValidTo + TimeSpan.FromHours(2));
    }
}
