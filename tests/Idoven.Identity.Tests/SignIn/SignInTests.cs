using Idoven.Identity.Common;
using Idoven.Identity.Accounts;
using Idoven.Identity.Mail;
using Idoven.Identity.OneTimeTokens;
using Idoven.Identity.Sessions;
using Idoven.Identity.SignIn;
using Idoven.Identity.TwoFactor;
using Idoven.Shared.Audit;

namespace Idoven.Identity.Tests.SignIn;

public sealed class SignInTests : IAccounts, ISessions, IFailedAttempts, IRequestOrigin, INotices, IIdentityAuditLog
{
    private static readonly AccountHolder Holder = new(Guid.CreateVersion7(), "ada", "user", Generation: 3);

    private readonly HashSet<Guid> sessions = [];
    private readonly TwoFactorFakes twoFactor = new();
    private readonly List<AuditEntry> recorded = [];
    private AccountHolder? known = Holder;
    private readonly List<Notice> told = [];
    private int guesses;
    private double tried;
    private bool isFamiliar;
    private SecondFactorRule rule = SecondFactorRule.None;

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
        AssertRefused(SignInRejection.InvalidGrant, await WithPassword("wrong"));
        Assert.Equal([AuditEntry.Refused(AuditActions.SignIn, "credentials", $"{Holder.Id}")], recorded);
        Assert.Equal(1, guesses);
    }

    [Theory]
    [InlineData("wrong", 9, false, null)]
    [InlineData("wrong", 9.7, false, "WrongPasswords")]
    [InlineData("wrong", 9.7, true, "WrongPasswords")]
    [InlineData("right", 5, false, null)]
    [InlineData("right", 5.7, false, "RightAfterWrongPasswords")]
    [InlineData("right", 20, true, null)]
    public async Task Its_holder_is_told_of_odd_attempts(string password, double tried, bool isFamiliar, string? notice)
    {
        (this.tried, this.isFamiliar) = (tried, isFamiliar);

        await WithPassword(password);

        Assert.Equal(notice is null ? [] : [Enum.Parse<Notice>(notice)], told);
    }

    [Fact]
    public async Task A_scope_beyond_the_role_begins_none() => AssertRefused(SignInRejection.InvalidScope, await WithPassword("right", "ecgs:read", "clients:manage"));

    [Fact]
    public async Task A_wrong_password_is_not_told_from_a_right_one_by_its_scopes() =>
        AssertRefused(SignInRejection.InvalidGrant, await WithPassword("wrong", "clients:manage"));

    [Fact]
    public async Task A_session_goes_on()
    {
        var session = (await WithPassword("right")).SessionId;
        Assert.Equal(SignInResult.SignedIn(Holder, session, isStrong: false), await Again(session));
    }

    [Fact]
    public async Task A_session_that_was_ended_does_not_go_on()
    {
        var session = (await WithPassword("right")).SessionId;
        sessions.Remove(session);
        AssertRefused(SignInRejection.InvalidGrant, await Again(session));
    }

    [Theory, InlineData(2), InlineData(4)]
    public async Task A_token_of_another_generation_does_not_go_on(int generation)
    {
        var session = (await WithPassword("right")).SessionId;
        Assert.Equal(SignInRejection.InvalidGrant, (await Again(session, generation)).Refusal);
    }

    [Fact]
    public async Task A_disabled_account_does_not_go_on()
    {
        var session = (await WithPassword("right")).SessionId;
        known = null;
        Assert.Equal(SignInRejection.InvalidGrant, (await Again(session)).Refusal);
    }

    [Fact]
    public async Task A_session_gives_no_scope_beyond_the_role()
    {
        var session = (await WithPassword("right")).SessionId;
        Assert.Equal(SignInRejection.InvalidScope, (await Again(session, 3, "openid", "clients:manage")).Refusal);
    }

    [Fact]
    public async Task Who_signs_in_again_in_a_browser_stays_in_the_session()
    {
        var session = (await InBrowser("right", current: null)).SessionId;
        Assert.Equal(SignInResult.SignedIn(Holder, session, isStrong: false), await InBrowser("right", new(Holder.Id, session, Holder.Generation)));
        Assert.Equal([session], sessions);
        Assert.Equal([(AuditActions.SignIn, "again", session)], recorded.Select(entry => (entry.Action, entry.Reason, entry.SessionId)));
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
        AssertRefused(SignInRejection.InvalidGrant, await InBrowser("wrong", new(Holder.Id, Guid.CreateVersion7(), Holder.Generation)));

    [Fact]
    public async Task A_second_factor_is_asked_for_after_the_right_password_only()
    {
        known = Holder with { HasSecondFactor = true };
        Assert.Equal(new PendingTwoFactor("a token", TokenUse.SecondStep), (await InBrowser("right", current: null)).Step);
        AssertRefused(SignInRejection.InvalidGrant, await InBrowser("wrong", current: null));
        AssertRefused(SignInRejection.SecondFactorMissing, await WithCode("right", code: null));
        AssertRefused(SignInRejection.InvalidGrant, await WithCode("wrong", code: null));
        AssertRefused(SignInRejection.InvalidGrant, await WithCode("wrong", "123456"));
        AssertRefused(SignInRejection.InvalidGrant, await WithCode("right", "123457"));
        Assert.Equal(
            ["credentials", "second_factor", "credentials", "credentials", "second_factor"],
            recorded.Select(entry => entry.Reason));
        Assert.True((await WithCode("right", "123456")) is { IsMultiFactor: true, Holder: not null });
        Assert.Equal(["locked", "wrong code", "saved", "locked", "right code", "saved"], twoFactor.Steps);
    }

    [Theory, InlineData("everybody", true), InlineData("admins", false), InlineData("none", false)]
    public async Task Who_must_have_a_second_factor_sets_one_up_first(string setting, bool isRequired)
    {
        rule = SecondFactorRule.Read(setting)!;
        Assert.Equal(isRequired ? TokenUse.Enrolment : null, (await InBrowser("right", current: null)).Step?.Use);
        sessions.Clear();
        Assert.Equal(isRequired ? SignInRejection.SecondFactorMissing : null, (await WithPassword("right")).Refusal);
    }

    [Fact]
    public async Task A_client_may_ask_for_a_second_factor_of_who_has_none() =>
        Assert.Equal(TokenUse.Enrolment, (await InBrowser("right", current: null, mustBeStrong: true)).Step?.Use);

    [Fact]
    public async Task What_was_begun_without_a_second_factor_does_not_go_on_where_one_is_required()
    {
        var session = (await WithPassword("right")).SessionId;
        rule = SecondFactorRule.Read("everybody")!;
        Assert.Equal(SignInRejection.InvalidGrant, (await Again(session)).Refusal);
        Assert.True((await SignIn().ResumeSession(new(Holder.Id, session, 3, IsMultiFactor: true), [], TestContext.Current.CancellationToken)) is { IsMultiFactor: true, Holder: not null });
    }

    RequestOrigin IRequestOrigin.Current { get; } = RequestOrigin.None with { Network = "192.0.2.1" };

    Task<FailedAttempt> IFailedAttempts.Count(Guid? account, string login, RequestOrigin origin, CancellationToken ct)
    {
        Assert.Equal((Holder.Id, "ADA", "192.0.2.1"), (account, login, origin.Network));
        guesses++;
        return Task.FromResult(new FailedAttempt([], TimeSpan.Zero, tried, isFamiliar));
    }

    Task IFailedAttempts.Forget(FailedAttempt guess, CancellationToken ct)
    {
        guesses--;
        return Task.CompletedTask;
    }

    Task<bool> IFailedAttempts.CountUserCode(Guid account, CancellationToken ct) => throw new InvalidOperationException("Who signs in shows no code of a device.");

    Task IFailedAttempts.ForgetUserCode(Guid account, CancellationToken ct) => throw new InvalidOperationException("Who signs in shows no code of a device.");

    Task<TimeSpan> INotices.Add(Guid accountId, Notice notice, string? address, CancellationToken ct) => throw new InvalidOperationException("Signing in changes nothing.");

    Task INotices.NotifyOfFailedAttempts(Guid accountId, Notice notice, CancellationToken ct)
    {
        Assert.Equal(Holder.Id, accountId);
        told.Add(notice);
        return Task.CompletedTask;
    }

    Task<TimeSpan> INotices.RequestRecovery(string identifier, string network, CancellationToken ct) => throw new InvalidOperationException("Who signs in knows the password.");

    Task<Guid?> IAccounts.Identify(string login, CancellationToken ct) => Task.FromResult<Guid?>(Holder.Id);

    Task<AccountHolder?> IAccounts.Verify(string username, string password, HashingPriority line, CancellationToken ct)
    {
        Assert.Equal(isFamiliar ? HashingPriority.Known : HashingPriority.Strangers, line);
        return Task.FromResult(password == "right" ? known : null);
    }

    Task<AccountHolder?> IAccounts.Verify(Guid id, string password, CancellationToken ct) => throw new InvalidOperationException("Who signs in says a name.");

    Task<AccountHolder?> IAccounts.Find(string identifier, CancellationToken ct) => throw new InvalidOperationException("A name alone signs nobody in.");

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

    Task<IReadOnlyList<Guid>> ISessions.EndOf(Guid accountId, string clientId, CancellationToken ct) => throw new InvalidOperationException("Signing in ends nothing.");

    Task ISessions.EndAll(Guid accountId, CancellationToken ct) => throw new InvalidOperationException("Signing in ends nothing.");

    void IAuditLog.Add(AuditEntry entry) => throw new InvalidOperationException("A session is on record where it begins.");

    Task IAuditLog.Record(AuditEntry entry)
    {
        recorded.Add(entry);
        return Task.CompletedTask;
    }

    private SignInHandler SignIn() => new(new PasswordCheck(this, this, this, this, new SignInThrottle(), TimeProvider.System), this, twoFactor, this, twoFactor, twoFactor, rule, this);

    private Task<SignInResult> WithPassword(string password, params string[] scopes) => WithCode(password, code: null, scopes);

    private Task<SignInResult> WithCode(string password, string? code, params string[] scopes) =>
        SignIn().WithPassword("ada", password, code, "cli", scopes, TestContext.Current.CancellationToken);

    private Task<SignInResult> InBrowser(string password, SessionTicket? current, bool mustBeStrong = false) =>
        SignIn().InBrowser("ada", password, "cli", current, mustBeStrong, TestContext.Current.CancellationToken);

    private Task<SignInResult> Again(Guid session, int generation = 3, params string[] scopes) =>
        SignIn().ResumeSession(new(Holder.Id, session, generation), scopes, TestContext.Current.CancellationToken);

    private void AssertRefused(SignInRejection refusal, SignInResult result)
    {
        Assert.Equal(SignInResult.Rejected(refusal), result);
        Assert.Empty(sessions);
    }

    /// <summary>Issues tokens, and accepts one code in a transaction that must be open and is committed after a wrong code too.</summary>
    private sealed class TwoFactorFakes : IOneTimeTokens, ISecondFactors, IAccountChanges
    {
        public List<string> Steps { get; } = [];

        Task<string> IOneTimeTokens.Issue(Guid accountId, TokenUse use, string? email, CancellationToken ct)
        {
            Assert.Equal((Holder.Id, null), (accountId, email));
            return Task.FromResult("a token");
        }

        Task<bool> IAccountChanges.Lock(Guid id, CancellationToken ct)
        {
            Assert.Equal(Holder.Id, id);
            Steps.Add("locked");
            return Task.FromResult(true);
        }

        Task<bool> ISecondFactors.VerifyCode(Guid accountId, string code, CancellationToken ct)
        {
            Assert.Equal(Holder.Id, accountId);
            Steps.Add(code == "123456" ? "right code" : "wrong code");
            return Task.FromResult(code == "123456");
        }

        Task IAccountChanges.Save(CancellationToken ct)
        {
            Steps.Add("saved");
            return Task.CompletedTask;
        }

        Task<OneTimeToken?> IOneTimeTokens.Find(string token, TokenUse use, CancellationToken ct) => throw NotPartOfSignIn();

        Task<bool> IOneTimeTokens.Redeem(string token, CancellationToken ct) => throw NotPartOfSignIn();

        Task IOneTimeTokens.CountFailedAttempt(string token, CancellationToken ct) => throw NotPartOfSignIn();

        Task IOneTimeTokens.RevokeAll(Guid accountId, CancellationToken ct) => throw NotPartOfSignIn();

        Task<SecondFactorState> ISecondFactors.Find(Guid accountId, CancellationToken ct) => throw NotPartOfSignIn();

        Task<byte[]?> ISecondFactors.StartEnrolment(Guid accountId, bool anew, CancellationToken ct) => throw NotPartOfSignIn();

        Task<bool> ISecondFactors.Confirm(Guid accountId, string code, CancellationToken ct) => throw NotPartOfSignIn();

        Task<bool> ISecondFactors.UseForRecovery(Guid accountId, string code, CancellationToken ct) => throw NotPartOfSignIn();

        Task<IReadOnlyList<string>> ISecondFactors.IssueRecoveryCodes(Guid accountId, CancellationToken ct) => throw NotPartOfSignIn();

        Task<bool> ISecondFactors.Remove(Guid accountId, CancellationToken ct) => throw NotPartOfSignIn();

        Task<PendingActivation?> IAccountChanges.FindActivation(string tokenHash, CancellationToken ct) => throw NotPartOfSignIn();

        Task<EarlierActivation?> IAccountChanges.FindEarlierActivation(string tokenHash, CancellationToken ct) => throw NotPartOfSignIn();

        Task<string> IAccountChanges.Hash(string password, HashingPriority line, CancellationToken ct) => throw NotPartOfSignIn();

        Task IAccountChanges.Create(NewAccount account, CancellationToken ct) => throw NotPartOfSignIn();

        Task IAccountChanges.IssueActivation(NewActivation activation, CancellationToken ct) => throw NotPartOfSignIn();

        Task<ChangedAccount?> IAccountChanges.Change(AccountChange change, CancellationToken ct) => throw NotPartOfSignIn();

        Task<bool> IAccountChanges.Activate(Guid id, string tokenHash, string verifier, DateTimeOffset now, CancellationToken ct) =>
            throw NotPartOfSignIn();

        Task<int?> IAccountChanges.RaiseGeneration(Guid id, CancellationToken ct) => throw NotPartOfSignIn();

        Task<int?> IAccountChanges.ChangePassword(Guid id, string verifier, CancellationToken ct) => throw NotPartOfSignIn();

        Task<bool> IAccountChanges.VerifyEmail(Guid id, string normalizedEmail, CancellationToken ct) => throw NotPartOfSignIn();

        Task<ErasedAccount> IAccountChanges.Erase(Guid id, long version, DateTimeOffset now, CancellationToken ct) => throw NotPartOfSignIn();

        private static InvalidOperationException NotPartOfSignIn() => new("A sign-in does not call this.");
    }
}
