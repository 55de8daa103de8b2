using Idoven.Identity.Accounts;
using Idoven.Identity.Mail;
using Idoven.Identity.Sessions;
using Idoven.Shared.Data.Limits;

namespace Idoven.Identity.SignIn;

/// <summary>
/// Checks a secret of a person after the wait that the failed attempts before it have earned, and tells the account's holder of odd ones. Every endpoint that
/// takes a password, a recovery code or a one-time token goes through here before it spends a hash: <c>CountedSecretsTests</c> tries all routes.
/// </summary>
internal sealed class PasswordCheck(IAccounts accounts, IFailedAttempts guesses, IRequestOrigin origin, INotices notices, SignInThrottle room, TimeProvider clock)
{
    // The tenth wrong one; or the right one after five, where its holder never signed in before. Time has forgotten a part of one by then.
    private const double Many = 9;
    private const double Some = 5;

    /// <returns>The holder; null for an unknown name, a wrong password or a disabled account, after the same wait and the same work.</returns>
    /// <exception cref="TooManySignInsException">Too many are waiting already, on this host or from this address.</exception>
    public async Task<AccountHolder?> Verify(string login, string password, CancellationToken ct) =>
        await Compare(await accounts.Identify(login, ct), LoginIdentifier.Normalize(login), line => accounts.Verify(login, password, line, ct), ct);

    /// <summary>The same of an account that is known already, whatever its names are by now.</summary>
    /// <exception cref="TooManySignInsException">Too many are waiting already, on this host or from this address.</exception>
    public Task<AccountHolder?> Verify(Guid account, string password, CancellationToken ct) => Compare(account, login: "", _ => accounts.Verify(account, password, ct), ct);

    /// <summary>The same for a secret that is accepted instead of the password: it is counted with the passwords of the account.</summary>
    /// <param name="check">Returns the holder if the secret is right.</param>
    /// <exception cref="TooManySignInsException">Too many are waiting already, on this host or from this address.</exception>
    public async Task<AccountHolder?> Verify(string login, Func<HashingPriority, Task<AccountHolder?>> check, CancellationToken ct) =>
        await Compare(await accounts.Identify(login, ct), LoginIdentifier.Normalize(login), check, ct);

    /// <summary>The same for a one-time token: it is counted by itself, because it names no account until it is found, and by address.</summary>
    /// <param name="check">Returns what the token is good for; null if it is unknown, used or expired.</param>
    /// <exception cref="TooManySignInsException">Too many are waiting already, on this host or from this address.</exception>
    public Task<T?> VerifyToken<T>(string token, Func<Task<T?>> check, CancellationToken ct)
        where T : class => Compare(account: null, $"token {token}", _ => check(), ct);

    private async Task<T?> Compare<T>(Guid? account, string login, Func<HashingPriority, Task<T?>> look, CancellationToken ct)
        where T : class
    {
        var from = origin.Current;
        var guess = await guesses.Count(account, login, from, ct);
        if (guess.Delay > TimeSpan.Zero)
        {
            using var place = room.Enter(from.Network);
            await Task.Delay(guess.Delay * Spread(), clock, ct);
        }

        T? found;
        try
        {
            found = await look(guess.IsFamiliar ? HashingPriority.Known : HashingPriority.Strangers);
        }
        catch (PasswordRuleException)
        {
            // Only the new password is wrong.
            await guesses.Forget(guess, ct);
            throw;
        }

        if (IsUnusual(guess, isRight: found is not null) is { } notice)
        {
            // Nobody has the empty id: a name that is unknown makes the same work.
            await notices.NotifyOfFailedAttempts(account ?? Guid.Empty, notice, ct);
        }

        if (found is not null)
        {
            await guesses.Forget(guess, ct);
        }

        return found;
    }

    private static Notice? IsUnusual(FailedAttempt guess, bool isRight) => guess switch
    {
        { Tried: > Many } when !isRight => Notice.WrongPasswords,
        { Tried: > Some, IsFamiliar: false } when isRight => Notice.RightAfterWrongPasswords,
        _ => null,
    };

    /// <summary>From a half to one: what came together does not wait for its hash together.</summary>
    private static double Spread() => (1 + Random.Shared.NextDouble()) / 2;
}

/// <summary>Where requests wait: a wait costs no thread, but memory and a connection, so there are only so many places.</summary>
internal sealed class SignInThrottle(int places, int ofOneAddress)
{
    public const int Places = 1000;
    public const int OfOneAddress = 8;
    private readonly CallerShares shares = new(places, ofOneAddress, Lending.Never, TimeProvider.System);

    public SignInThrottle()
        : this(Places, OfOneAddress)
    {
    }

    /// <exception cref="TooManySignInsException">There is no place left, or none for this address.</exception>
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
