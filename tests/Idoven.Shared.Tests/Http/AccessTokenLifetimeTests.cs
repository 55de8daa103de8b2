using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Revocation;

namespace Idoven.Shared.Tests.Http;

public sealed class AccessTokenLifetimeTests
{
    [Fact]
    public void Access_tokens_are_valid_for_ten_minutes_by_default() =>
        Assert.Equal(TimeSpan.FromMinutes(10), AccessTokenLifetime.Read(null)?.Value);

    [Theory]
    [InlineData("00:01:00")]
    [InlineData("00:10:00")]
    [InlineData("01:00:00")]
    public void A_lifetime_from_one_to_60_minutes_is_accepted(string setting) =>
        Assert.Equal(TimeSpan.Parse(setting, System.Globalization.CultureInfo.InvariantCulture), AccessTokenLifetime.Read(setting)?.Value);

    [Theory]
    [InlineData("00:00:59")]
    [InlineData("01:00:01")]
    [InlineData("-00:10:00")]
    [InlineData("10")]
    [InlineData("ten minutes")]
    [InlineData("")]
    public void Any_other_lifetime_is_rejected(string setting) => Assert.Null(AccessTokenLifetime.Read(setting));

    /// <summary>Otherwise a revoked token would be accepted again before it expires.</summary>
    [Fact]
    public void Revocations_are_kept_for_the_longest_lifetime_and_a_minute()
    {
        Assert.Equal(AccessTokenLifetime.Longest + TimeSpan.FromMinutes(1), RevocationState.Retention);
        Assert.NotNull(AccessTokenLifetime.Read($"{AccessTokenLifetime.Longest}"));
        Assert.Null(AccessTokenLifetime.Read($"{AccessTokenLifetime.Longest + TimeSpan.FromSeconds(1)}"));
    }
}
