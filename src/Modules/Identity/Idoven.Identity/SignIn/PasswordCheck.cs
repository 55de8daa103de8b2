using Idoven.Identity.Accounts;
using Idoven.Identity.Mail;
using Idoven.Identity.Sessions;
using Idoven.Shared.Data.Limits;

namespace Idoven.Identity.SignIn;

/// <summary>
/// Verifies a secret of a user after the delay that earlier failed attempts cause, and notifies the account's holder of unusual attempts.
/// Every endpoint that takes a password, a recovery code or a one-time token calls it before it computes a hash: <c>CountedSecretsTests</c>
/// tests all routes.
/// </summary>
internal sealed class PasswordCheck(
    IAccounts accounts,
    IFailedAttempts failedAttempts,
    IRequestOrigin origin,
    INotices notices,
    SignInThrottle throttle,
    TimeProvider clock)
{
    // The tenth wrong one; or the right one after five wrong ones, on an unknown device. A part of one attempt has expired by then.
    private const double ManyWrong = 9;
    private const double SomeWrong = 5;

    /// <summary>Verifies the password of a username or verified e-mail address.</summary>
    /// <returns>
    /// The holder; null if the name is unknown, the password is wrong or the account is disabled, after the same delay and the same work.
    /// </returns>
    /// <exception cref="TooManySignInsException">Too many attempts are waiting already, on this host or from this address.</exception>
    public async Task<AccountHolder?> Verify(string login, string password, CancellationToken ct) =>
        await Verify(login, priority => accounts.Verify(login, password, priority, ct), ct);

    /// <summary>Verifies the password of an account that is already identified, whose names may have changed since.</summary>
    /// <exception cref="TooManySignInsException">Too many attempts are waiting already, on this host or from this address.</exception>
    public Task<AccountHolder?> Verify(Guid account, string password, CancellationToken ct) =>
        DelayAndCheck(account, login: "", _ => accounts.Verify(account, password, ct), ct);

    /// <summary>
    /// Verifies a secret that is accepted instead of the password. It is counted together with the passwords of the account.
    /// </summary>
    /// <param name="check">Returns the holder if the secret is right.</param>
    /// <exception cref="TooManySignInsException">Too many attempts are waiting already, on this host or from this address.</exception>
    public async Task<AccountHolder?> Verify(string login, Func<HashingPriority, Task<AccountHolder?>> check, CancellationToken ct) =>
        await DelayAndCheck(await accounts.Identify(login, ct), LoginIdentifier.Normalize(login), check, ct);

    /// <summary>
    /// Verifies a one-time token. It is counted by token, because its account is unknown until the token is found, and by address.
    /// </summary>
    /// <param name="check">Returns the data of the token; null if it is unknown, used or expired.</param>
    /// <exception cref="TooManySignInsException">Too many attempts are waiting already, on this host or from this address.</exception>
    public Task<T?> VerifyToken<T>(string token, Func<Task<T?>> check, CancellationToken ct)
        where T : class => DelayAndCheck(account: null, $"token {token}", _ => check(), ct);

    private async Task<T?> DelayAndCheck<T>(Guid? account, string login, Func<HashingPriority, Task<T?>> check, CancellationToken ct)
        where T : class
    {
        var from = origin.Current;
        var attempt = await failedAttempts.Count(account, login, from, ct);
        if (attempt.Delay > TimeSpan.Zero)
        {
            using var slot = throttle.Enter(from.Network);
            await Task.Delay(attempt.Delay * RandomFactor(), clock, ct);
        }

        T? found;
        try
        {
            found = await check(attempt.IsKnownDevice ? HashingPriority.KnownDevice : HashingPriority.UnknownDevice);
        }
        catch (PasswordRuleException)
        {
            // Only the new password is invalid; the secret was right.
            await failedAttempts.Forget(attempt, ct);
            throw;
        }

        if (FindNotice(attempt, isRight: found is not null) is { } notice)
        {
            // No account has the empty id, so an unknown name causes the same work.
            await notices.NotifyOfFailedAttempts(account ?? Guid.Empty, notice, ct);
        }

        if (found is not null)
        {
            await failedAttempts.Forget(attempt, ct);
        }

        return found;
    }

    private static Notice? FindNotice(FailedAttempt attempt, bool isRight) => attempt switch
    {
        { Tried: > ManyWrong } when !isRight => Notice.WrongPasswords,
        { Tried: > SomeWrong, IsKnownDevice: false } when isRight => Notice.RightAfterWrongPasswords,
        _ => null,
    };

    /// <summary>Returns a random factor from 0.5 to 1, so that attempts that arrived together are not hashed together.</summary>
    private static double RandomFactor() => (1 + Random.Shared.NextDouble()) / 2;
}

/// <summary>Limits how many delayed attempts wait at a time. A waiting request occupies no thread, but memory and a connection.</summary>
internal sealed class SignInThrottle(int slots, int slotsOfAddress)
{
    public const int Slots = 1000;
    public const int SlotsOfAddress = 8;
    private readonly CallerShares shares = new(slots, slotsOfAddress, Lending.Never, TimeProvider.System);

    public SignInThrottle()
        : this(Slots, SlotsOfAddress)
    {
    }

    /// <exception cref="TooManySignInsException">All slots, or all slots of this address, are taken.</exception>
    public IDisposable Enter(string address) =>
        shares.Take(address, 1) == ShareState.Taken ? new Slot(shares, address) : throw new TooManySignInsException();

    private sealed class Slot(CallerShares shares, string address) : IDisposable
    {
        private int isLeft;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref isLeft, 1) == 0)
            {
                shares.GiveBack(address, 1);
            }
        }
    }
}
