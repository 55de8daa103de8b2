using Idoven.Identity.Accounts;
using Idoven.Identity.Mail;
using Idoven.Identity.Sessions;
using Idoven.Identity.SignIn;
using Idoven.Shared.Data;
using Microsoft.Extensions.Time.Testing;

namespace Idoven.Identity.Tests.SignIn;

/// <summary>Every kind of secret is counted at once, and checked only after the delay that earlier failed attempts caused.</summary>
public sealed class PasswordCheckTests : IAccounts, IFailedAttempts, IRequestOrigin, INotices
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(10);
    private readonly FakeTimeProvider clock = new();
    private readonly SignInThrottle throttle = new(slots: 1, slotsOfAddress: 1);
    private int counted;
    private int checkedCount;

    public static TheoryData<string> Secrets => [.. Checks.Keys];

    private static Dictionary<string, Func<PasswordCheckTests, PasswordCheck, Task>> Checks { get; } = new()
    {
        ["a password under a name"] = (_, check) => check.Verify("ada", "a password", CancellationToken.None),
        ["a password of an account"] = (_, check) => check.Verify(Guid.Empty, "a password", CancellationToken.None),
        ["a recovery code"] = (test, check) => check.Verify("ada", _ => test.Check<AccountHolder>(), CancellationToken.None),
        ["a one-time token"] = (test, check) => check.VerifyToken("a token", test.Check<string>, CancellationToken.None),
    };

    [Fact]
    public void Every_method_that_checks_a_secret_is_tested() =>
        Assert.Equal(typeof(PasswordCheck).GetMethods().Count(method => method.DeclaringType == typeof(PasswordCheck)), Checks.Count);

    [Theory, MemberData(nameof(Secrets))]
    public async Task A_secret_is_counted_at_once_and_checked_after_half_to_all_of_its_delay(string secret)
    {
        var checking = Check(secret);
        Assert.Equal((1, 0), (counted, checkedCount));

        clock.Advance((Delay / 2) - TimeSpan.FromTicks(1));
        Assert.Equal((1, 0), (counted, checkedCount));

        clock.Advance((Delay / 2) + TimeSpan.FromTicks(1));
        await checking.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal((1, 1), (counted, checkedCount));
    }

    [Theory, MemberData(nameof(Secrets))]
    public async Task A_delayed_check_takes_a_slot_of_its_address(string secret)
    {
        var first = Check(secret);
        await Assert.ThrowsAsync<TooManySignInsException>(() => Check(secret));

        clock.Advance(Delay);
        await first.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        var next = Check(secret);
        clock.Advance(Delay);
        await next.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    RequestOrigin IRequestOrigin.Current { get; } = RequestOrigin.None with { Network = "192.0.2.1" };

    Task<Guid?> IAccounts.Identify(string login, CancellationToken ct) => Task.FromResult<Guid?>(Guid.Empty);

    Task<AccountHolder?> IAccounts.Verify(string username, string password, HashingPriority priority, CancellationToken ct) =>
        Check<AccountHolder>();

    Task<AccountHolder?> IAccounts.Verify(Guid id, string password, CancellationToken ct) => Check<AccountHolder>();

    Task<AccountHolder?> IAccounts.Find(string identifier, CancellationToken ct) =>
        throw new InvalidOperationException("A check reads no account by its name.");

    Task<AccountHolder?> IAccounts.Find(Guid id, CancellationToken ct) =>
        throw new InvalidOperationException("A check reads no account by its id.");

    Task<FailedAttempt> IFailedAttempts.Count(Guid? account, string login, RequestOrigin origin, CancellationToken ct)
    {
        counted++;
        return Task.FromResult(new FailedAttempt([], Delay, Tried: 1, IsKnownDevice: false));
    }

    Task IFailedAttempts.Forget(FailedAttempt attempt, CancellationToken ct) =>
        throw new InvalidOperationException("All secrets are wrong.");

    Task<bool> IFailedAttempts.CountUserCode(Guid account, CancellationToken ct) =>
        throw new InvalidOperationException("No code of a device is checked.");

    Task IFailedAttempts.ForgetUserCode(Guid account, CancellationToken ct) =>
        throw new InvalidOperationException("No code of a device is checked.");

    Task<TimeSpan> INotices.Add(
        Guid accountId, Notice notice, string? address, OpenTransaction transaction, CancellationToken ct) =>
        throw new InvalidOperationException("A check changes nothing.");

    Task INotices.NotifyOfFailedAttempts(Guid accountId, Notice notice, CancellationToken ct) =>
        throw new InvalidOperationException("One wrong secret is not unusual.");

    Task<TimeSpan> INotices.RequestRecovery(string identifier, string network, CancellationToken ct) =>
        throw new InvalidOperationException("A check asks for nothing.");

    private Task Check(string secret) => Checks[secret](this, new PasswordCheck(this, this, this, this, throttle, clock));

    private Task<T?> Check<T>()
        where T : class
    {
        checkedCount++;
        return Task.FromResult<T?>(null);
    }
}
