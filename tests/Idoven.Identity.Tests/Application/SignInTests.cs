using Idoven.Identity.Application;
using Idoven.Shared.Audit;

namespace Idoven.Identity.Tests.Application;

public sealed class SignInTests : IAccounts, ISessions, IGuesses, IOrigin, IAuditTrail
{
    private static readonly AccountHolder Holder = new(Guid.CreateVersion7(), "ada", "user", Generation: 3);

    private readonly HashSet<Guid> sessions = [];
    private readonly List<AuditEntry> recorded = [];
    private AccountHolder? known = Holder;
    private int guesses;

    [Fact]
    public async Task The_right_password_begins_a_session()
    {
        var result = await WithPassword("right");
        Assert.Equal((Holder, null), (result.Holder, result.Refusal));
        Assert.Equal([result.SessionId], sessions);
        Assert.Equal(0, guesses);
    }

    [Fact]
    public async Task A_wrong_password_begins_none_and_is_counted()
    {
        AssertRefused(SignInRefusal.InvalidGrant, await WithPassword("wrong"));
        Assert.Equal([AuditEntry.Refused(Acts.SignIn, "credentials", $"{Holder.Id}")], recorded);
        Assert.Equal(1, guesses);
    }

    [Fact]
    public async Task A_scope_beyond_the_role_begins_none() => AssertRefused(SignInRefusal.InvalidScope, await WithPassword("right", "ecgs:read", "clients:manage"));

    [Fact]
    public async Task A_wrong_password_is_not_told_from_a_right_one_by_its_scopes() =>
        AssertRefused(SignInRefusal.InvalidGrant, await WithPassword("wrong", "clients:manage"));

    [Fact]
    public async Task A_session_goes_on()
    {
        var session = (await WithPassword("right")).SessionId;
        Assert.Equal(SignInResult.Of(Holder, session), await Again(session));
    }

    [Fact]
    public async Task A_session_that_was_ended_does_not_go_on()
    {
        var session = (await WithPassword("right")).SessionId;
        sessions.Remove(session);
        AssertRefused(SignInRefusal.InvalidGrant, await Again(session));
    }

    [Theory, InlineData(2), InlineData(4)]
    public async Task A_token_of_another_generation_does_not_go_on(int generation)
    {
        var session = (await WithPassword("right")).SessionId;
        Assert.Equal(SignInRefusal.InvalidGrant, (await Again(session, generation)).Refusal);
    }

    [Fact]
    public async Task A_disabled_account_does_not_go_on()
    {
        var session = (await WithPassword("right")).SessionId;
        known = null;
        Assert.Equal(SignInRefusal.InvalidGrant, (await Again(session)).Refusal);
    }

    [Fact]
    public async Task A_session_gives_no_scope_beyond_the_role()
    {
        var session = (await WithPassword("right")).SessionId;
        Assert.Equal(SignInRefusal.InvalidScope, (await Again(session, 3, "openid", "clients:manage")).Refusal);
    }

    [Fact]
    public async Task Who_signs_in_again_in_a_browser_stays_in_the_session()
    {
        var session = (await InBrowser("right", current: null)).SessionId;
        Assert.Equal(SignInResult.Of(Holder, session), await InBrowser("right", new(Holder.Id, session, Holder.Generation)));
        Assert.Equal([session], sessions);
        Assert.Equal([(Acts.SignIn, "again", session)], recorded.Select(entry => (entry.Action, entry.Reason, entry.SessionId)));
    }

    [Fact]
    public async Task A_browsers_session_of_somebody_else_or_of_before_is_not_gone_on_with()
    {
        var another = Guid.CreateVersion7();
        Assert.NotEqual(another, (await InBrowser("right", new(Guid.CreateVersion7(), another, Holder.Generation))).SessionId);
        var session = sessions.Single();
        sessions.Clear();
        Assert.NotEqual(session, (await InBrowser("right", new(Holder.Id, session, Holder.Generation))).SessionId);
    }

    [Fact]
    public async Task A_wrong_password_in_a_browser_begins_and_continues_nothing() =>
        AssertRefused(SignInRefusal.InvalidGrant, await InBrowser("wrong", new(Holder.Id, Guid.CreateVersion7(), Holder.Generation)));

    Origin IOrigin.Current { get; } = new("192.0.2.1", Device: null);

    private SignInHandler Handler => new(new PasswordCheck(this, this, this, new WaitingRoom(), TimeProvider.System), this, this, this);

    Task<Guess> IGuesses.Count(Guid? account, string login, Origin origin, CancellationToken ct)
    {
        Assert.Equal((Holder.Id, "ada", "192.0.2.1"), (account, login, origin.Address));
        guesses++;
        return Task.FromResult(new Guess([], TimeSpan.Zero));
    }

    Task IGuesses.Forget(Guess guess, CancellationToken ct)
    {
        guesses--;
        return Task.CompletedTask;
    }

    Task<Guid?> IAccounts.Identify(string login, CancellationToken ct) => Task.FromResult<Guid?>(Holder.Id);

    Task<AccountHolder?> IAccounts.Verify(string username, string password, CancellationToken ct) => Task.FromResult(password == "right" ? known : null);

    Task<AccountHolder?> IAccounts.Find(Guid id, CancellationToken ct) => Task.FromResult(id == known?.Id ? known : null);

    Task<Guid?> ISessions.Begin(Guid accountId, string clientId, CancellationToken ct)
    {
        Assert.Equal((Holder.Id, "cli"), (accountId, clientId));
        sessions.Add(Guid.CreateVersion7());
        return Task.FromResult<Guid?>(known is null ? null : sessions.Single());
    }

    Task<bool> ISessions.Continue(Guid sessionId, CancellationToken ct) => Task.FromResult(sessions.Contains(sessionId));

    Task<IReadOnlyList<SignedInSession>> ISessions.List(Guid accountId, CancellationToken ct) => throw new InvalidOperationException("Signing in lists nothing.");

    Task<bool> ISessions.End(Guid accountId, Guid sessionId, CancellationToken ct) => throw new InvalidOperationException("Signing in ends nothing.");

    Task ISessions.EndAll(Guid accountId, CancellationToken ct) => throw new InvalidOperationException("Signing in ends nothing.");

    void IAuditTrail.Add(AuditEntry entry) => throw new InvalidOperationException("A session is on record where it begins.");

    Task IAuditTrail.Record(AuditEntry entry)
    {
        recorded.Add(entry);
        return Task.CompletedTask;
    }

    private Task<SignInResult> WithPassword(string password, params string[] scopes) =>
        Handler.WithPassword("ada", password, "cli", scopes, TestContext.Current.CancellationToken);

    private Task<SignInResult> InBrowser(string password, SessionTicket? current) =>
        Handler.InBrowser("ada", password, "cli", current, TestContext.Current.CancellationToken);

    private Task<SignInResult> Again(Guid session, int generation = 3, params string[] scopes) =>
        Handler.Again(new(Holder.Id, session, generation), scopes, TestContext.Current.CancellationToken);

    private void AssertRefused(SignInRefusal refusal, SignInResult result)
    {
        Assert.Equal(SignInResult.Refused(refusal), result);
        Assert.Empty(sessions);
    }
}
