using Idoven.Identity.SignIn;

namespace Idoven.Identity.Tests.SignIn;

public sealed class FailedAttemptDelayTests
{
    [Theory]
    [InlineData(1, 1, 0)]
    [InlineData(4, 20, 0)]
    [InlineData(5, 1, 250)]
    [InlineData(6, 1, 500)]
    [InlineData(8, 1, 2000)]
    [InlineData(1, 25, 250)]
    [InlineData(1, 40, 2000)]
    [InlineData(12, 40, 20000)]
    public void The_delay_doubles_with_each_failed_attempt_after_the_free_ones(double ofAccount, double ofAddress, double ms) =>
        Assert.Equal(ms, FailedAttemptDelay.For(ofAccount, ofAddress, freeOfAddress: 20).TotalMilliseconds);

    [Theory]
    [InlineData(1e6, 1)]
    [InlineData(1, 1e6)]
    [InlineData(double.MaxValue, double.MaxValue)]
    public void The_delay_has_a_maximum(double ofAccount, double ofAddress) =>
        Assert.Equal(FailedAttemptDelay.Longest, FailedAttemptDelay.For(ofAccount, ofAddress, freeOfAddress: 20));
}
