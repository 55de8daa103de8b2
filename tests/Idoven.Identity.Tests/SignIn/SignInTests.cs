using Idoven.Identity.Accounts;
using Idoven.Identity.Common;
using Idoven.Identity.Mail;
using Idoven.Identity.OneTimeTokens;
using Idoven.Identity.Sessions;
using Idoven.Identity.SignIn;
using Idoven.Identity.TwoFactor;
using Idoven.Shared.Audit;
using Idoven.Shared.Data;

namespace Idoven.Identity.Tests.SignIn;

public sealed class SignInTests : IAccounts, ISessions, IFailedAttempts, IRequestOrigin, INotices, IIdentityAuditLog
{
    private static readonly AccountHolder Holder = new(Guid.CreateVersion7(), "ada", "user", Generation: 3);

    private readonly HashSet<Guid> sessions = [];
    private readonly TwoFactorFakes twoFactor = new();
    private readonly List<AuditEntry> recorded = [];
    private AccountHolder? account = Holder;
    private readonly List<Notice> notices = [];
    private int attempts;
    private double tried;
    private bool isKnownDevice;
    private SecondFactorRule rule = SecondFactorRule.None;

    [Fact]
    public async Task The_right_password_starts_a_session()
    {
        var result = await WithPassword("right");
        Assert.Equal((Holder, null), (result.Holder, result.Rejection));
        Assert.Equal([result.SessionId], sessions);
        Assert.Equal(0, attempts);
    }

    [Fact]
    public async Task A_wrong_password_is_rejected_and_counted()
    {
        AssertRejected(SignInRejection.InvalidGrant, await WithPassword("wrong"));
        Assert.Equal([AuditEntry.Refused(AuditActions.SignIn, "credentials", $"{Holder.Id}")], recorded);
        Assert.Equal(1, attempts);
    }

    [Theory]
    [InlineData("wrong", 9, false, null)]
    [InlineData("wrong", 9.7, false, "WrongPasswords")]
    [InlineData("wrong", 9.7, true, "WrongPasswords")]
    [InlineData("right", 5, false, null)]
    [InlineData("right", 5.7, false, "RightAfterWrongPasswords")]
    [InlineData("right", 20, true, null)]
    public async Task The_holder_is_notified_of_unusual_attempts(string password, double tried, bool isKnownDevice, string? notice)
    {
        (this.tried, this.isKnownDevice) = (tried, isKnownDevice);

        await WithPassword(password);

        Assert.Equal(notice is null ? [] : [Enum.Parse<Notice>(notice)], notices);
    }

    [Fact]
    public async Task A_scope_that_the_role_does_not_have_is_rejected() =>
        AssertRejected(SignInRejection.InvalidScope, await WithPassword("right", "ecgs:read", "clients:manage"));

    [Fact]
    public async Task A_wrong_password_is_rejected_before_its_scopes() =>
        AssertRejected(SignInRejection.InvalidGrant, await WithPassword("wrong", "clients:manage"));

    [Fact]
    public async Task A_session_can_be_resumed()
    {
        var session = (await WithPassword("right")).SessionId;
        Assert.Equal(SignInResult.SignedIn(Holder, session, isMultiFactor: false), await Resume(session));
    }

    [Fact]
    public async Task An_ended_session_cannot_be_resumed()
    {
        var session = (await WithPassword("right")).SessionId;
        sessions.Remove(session);
        AssertRejected(SignInRejection.InvalidGrant, await Resume(session));
    }

    [Theory, InlineData(2), InlineData(4)]
    public async Task A_token_of_another_generation_is_rejected(int generation)
    {
        var session = (await WithPassword("right")).SessionId;
        Assert.Equal(SignInRejection.InvalidGrant, (await Resume(session, generation)).Rejection);
    }

    [Fact]
    public async Task A_session_of_a_disabled_account_cannot_be_resumed()
    {
        var session = (await WithPassword("right")).SessionId;
        account = null;
        Assert.Equal(SignInRejection.InvalidGrant, (await Resume(session)).Rejection);
    }

    [Fact]
    public async Task Resuming_rejects_a_scope_that_the_role_does_not_have()
    {
        var session = (await WithPassword("right")).SessionId;
        Assert.Equal(SignInRejection.InvalidScope, (await Resume(session, 3, "openid", "clients:manage")).Rejection);
    }

    [Fact]
    public async Task Signing_in_again_in_a_browser_keeps_the_session()
    {
        var session = (await InBrowser("right", current: null)).SessionId;
        var again = await InBrowser("right", new(Holder.Id, session, Holder.Generation));
        Assert.Equal(SignInResult.SignedIn(Holder, session, isMultiFactor: false), again);
        Assert.Equal([session], sessions);
        Assert.Equal([(AuditActions.SignIn, "again", session)], recorded.Select(entry => (entry.Action, entry.Reason, entry.SessionId)));
    }

    [Fact]
    public async Task Signing_in_replaces_a_session_of_another_user_or_an_ended_one()
    {
        var another = Guid.CreateVersion7();
        Assert.NotEqual(another, (await InBrowser("right", new(Guid.CreateVersion7(), another, Holder.Generation))).SessionId);
        var session = sessions.Single();
        sessions.Clear();
        Assert.NotEqual(session, (await InBrowser("right", new(Holder.Id, session, Holder.Generation))).SessionId);
    }

    [Fact]
    public async Task A_wrong_password_in_a_browser_neither_starts_nor_resumes_a_session() =>
        AssertRejected(SignInRejection.InvalidGrant, await InBrowser("wrong", new(Holder.Id, Guid.CreateVersion7(), Holder.Generation)));

    [Fact]
    public async Task The_second_factor_is_requested_only_after_the_right_password()
    {
        account = Holder with { HasSecondFactor = true };
        Assert.Equal(new PendingTwoFactor("a token", TokenUse.SecondStep), (await InBrowser("right", current: null)).TwoFactor);
        AssertRejected(SignInRejection.InvalidGrant, await InBrowser("wrong", current: null));
        AssertRejected(SignInRejection.SecondFactorMissing, await WithCode("right", code: null));
        AssertRejected(SignInRejection.InvalidGrant, await WithCode("wrong", code: null));
        AssertRejected(SignInRejection.InvalidGrant, await WithCode("wrong", "123456"));
        AssertRejected(SignInRejection.InvalidGrant, await WithCode("right", "123457"));
        Assert.Equal(
            ["credentials", "second_factor", "credentials", "credentials", "second_factor"],
            recorded.Select(entry => entry.Reason));
        Assert.True((await WithCode("right", "123456")) is { IsMultiFactor: true, Holder: not null });
        Assert.Equal(["locked", "wrong code", "saved", "locked", "right code", "saved"], twoFactor.Steps);
    }

    [Theory, InlineData("everybody", true), InlineData("admins", false), InlineData("none", false)]
    public async Task A_role_that_requires_a_second_factor_has_to_set_one_up(string setting, bool isRequired)
    {
        rule = SecondFactorRule.Read(setting)!;
        Assert.Equal(isRequired ? TokenUse.Enrolment : null, (await InBrowser("right", current: null)).TwoFactor?.Use);
        sessions.Clear();
        Assert.Equal(isRequired ? SignInRejection.SecondFactorMissing : null, (await WithPassword("right")).Rejection);
    }

    [Fact]
    public async Task A_client_can_require_a_second_factor_of_a_user_without_one() =>
        Assert.Equal(TokenUse.Enrolment, (await InBrowser("right", current: null, requiresTwoFactor: true)).TwoFactor?.Use);

    [Fact]
    public async Task A_session_without_a_second_factor_cannot_be_resumed_if_one_is_required()
    {
        var session = (await WithPassword("right")).SessionId;
        rule = SecondFactorRule.Read("everybody")!;
        Assert.Equal(SignInRejection.InvalidGrant, (await Resume(session)).Rejection);
        var ticket = new SessionTicket(Holder.Id, session, Generation: 3, IsMultiFactor: true);
        var resumed = await SignIn().ResumeSession(ticket, [], TestContext.Current.CancellationToken);
        Assert.True(resumed is { IsMultiFactor: true, Holder: not null });
    }

    RequestOrigin IRequestOrigin.Current { get; } = RequestOrigin.None with { Network = "192.0.2.1" };

    Task<FailedAttempt> IFailedAttempts.Count(Guid? account, string login, RequestOrigin origin, CancellationToken ct)
    {
        Assert.Equal((Holder.Id, "ADA", "192.0.2.1"), (account, login, origin.Network));
        attempts++;
        return Task.FromResult(new FailedAttempt([], TimeSpan.Zero, tried, isKnownDevice));
    }

    Task IFailedAttempts.Forget(FailedAttempt attempt, CancellationToken ct)
    {
        attempts--;
        return Task.CompletedTask;
    }

    Task<bool> IFailedAttempts.CountUserCode(Guid account, CancellationToken ct) => throw NotPartOfSignIn();

    Task IFailedAttempts.ForgetUserCode(Guid account, CancellationToken ct) => throw NotPartOfSignIn();

    Task<TimeSpan> INotices.Add(
        Guid accountId, Notice notice, string? address, OpenTransaction transaction, CancellationToken ct) => throw NotPartOfSignIn();

    Task INotices.NotifyOfFailedAttempts(Guid accountId, Notice notice, CancellationToken ct)
    {
        Assert.Equal(Holder.Id, accountId);
        notices.Add(notice);
        return Task.CompletedTask;
    }

    Task<TimeSpan> INotices.RequestRecovery(string identifier, string network, CancellationToken ct) => throw NotPartOfSignIn();

    Task<Guid?> IAccounts.Identify(string login, CancellationToken ct) => Task.FromResult<Guid?>(Holder.Id);

    Task<AccountHolder?> IAccounts.Verify(string username, string password, HashingPriority priority, CancellationToken ct)
    {
        Assert.Equal(isKnownDevice ? HashingPriority.KnownDevice : HashingPriority.UnknownDevice, priority);
        return Task.FromResult(password == "right" ? account : null);
    }

    Task<AccountHolder?> IAccounts.Verify(Guid id, string password, CancellationToken ct) => throw NotPartOfSignIn();

    Task<AccountHolder?> IAccounts.Find(string identifier, CancellationToken ct) => throw NotPartOfSignIn();

    Task<AccountHolder?> IAccounts.Find(Guid id, CancellationToken ct) => Task.FromResult(id == account?.Id ? account : null);

    Task<Guid?> ISessions.Begin(Guid accountId, string clientId, CancellationToken ct)
    {
        Assert.Equal((Holder.Id, "cli"), (accountId, clientId));
        sessions.Add(Guid.CreateVersion7());
        return Task.FromResult<Guid?>(account is null ? null : sessions.Single());
    }

    Task<bool> ISessions.Continue(Guid sessionId, CancellationToken ct) => Task.FromResult(sessions.Contains(sessionId));

    Task<IReadOnlyList<SignedInSession>> ISessions.List(Guid accountId, CancellationToken ct) => throw NotPartOfSignIn();

    Task<bool> ISessions.End(Guid accountId, Guid sessionId, OpenTransaction transaction, CancellationToken ct) => throw NotPartOfSignIn();

    Task<IReadOnlyList<Guid>> ISessions.EndOf(Guid accountId, string clientId, OpenTransaction transaction, CancellationToken ct) =>
        throw NotPartOfSignIn();

    Task ISessions.EndAll(Guid accountId, OpenTransaction transaction, CancellationToken ct) => throw NotPartOfSignIn();

    void IAuditLog.Add(AuditEntry entry) => throw NotPartOfSignIn();

    Task IAuditLog.Record(AuditEntry entry)
    {
        recorded.Add(entry);
        return Task.CompletedTask;
    }

    private static InvalidOperationException NotPartOfSignIn() => new("A sign-in does not call this.");

    private SignInHandler SignIn()
    {
        var passwords = new PasswordCheck(this, this, this, this, new SignInThrottle(), TimeProvider.System);
        return new SignInHandler(passwords, this, twoFactor, this, twoFactor, twoFactor, rule, this);
    }

    private Task<SignInResult> WithPassword(string password, params string[] scopes) => WithCode(password, code: null, scopes);

    private Task<SignInResult> WithCode(string password, string? code, params string[] scopes) =>
        SignIn().WithPassword("ada", password, code, "cli", scopes, TestContext.Current.CancellationToken);

    private Task<SignInResult> InBrowser(string password, SessionTicket? current, bool requiresTwoFactor = false) =>
        SignIn().InBrowser("ada", password, "cli", current, requiresTwoFactor, TestContext.Current.CancellationToken);

    private Task<SignInResult> Resume(Guid session, int generation = 3, params string[] scopes) =>
        SignIn().ResumeSession(new(Holder.Id, session, generation), scopes, TestContext.Current.CancellationToken);

    private void AssertRejected(SignInRejection rejection, SignInResult result)
    {
        Assert.Equal(SignInResult.Rejected(rejection), result);
        Assert.Empty(sessions);
    }

    /// <summary>Issues tokens, and accepts one code in a transaction that must be open and is committed after a wrong code too.</summary>
    private sealed class TwoFactorFakes : IOneTimeTokens, ISecondFactors, IAccountChanges
    {
        private OpenTransaction? open;

        public List<string> Steps { get; } = [];

        Task<string> IOneTimeTokens.Issue(Guid accountId, TokenUse use, string? email, CancellationToken ct)
        {
            Assert.Equal((Holder.Id, null), (accountId, email));
            return Task.FromResult("a token");
        }

        Task<OpenTransaction?> IAccountChanges.Lock(Guid id, CancellationToken ct)
        {
            Assert.Equal(Holder.Id, id);
            Steps.Add("locked");
            return Task.FromResult<OpenTransaction?>(open = new OpenTransaction());
        }

        Task<bool> ISecondFactors.VerifyCode(Guid accountId, string code, OpenTransaction transaction, CancellationToken ct)
        {
            Assert.Equal(Holder.Id, accountId);
            Assert.Same(open, transaction);
            Steps.Add(code == "123456" ? "right code" : "wrong code");
            return Task.FromResult(code == "123456");
        }

        Task IAccountChanges.Save(CancellationToken ct)
        {
            Steps.Add("saved");
            return Task.CompletedTask;
        }

        Task<OneTimeToken?> IOneTimeTokens.Find(string token, TokenUse use, CancellationToken ct) => throw NotPartOfSignIn();

        Task<bool> IOneTimeTokens.Redeem(string token, OpenTransaction transaction, CancellationToken ct) => throw NotPartOfSignIn();

        Task IOneTimeTokens.CountFailedAttempt(string token, CancellationToken ct) => throw NotPartOfSignIn();

        Task IOneTimeTokens.RevokeAll(Guid accountId, OpenTransaction transaction, CancellationToken ct) => throw NotPartOfSignIn();

        Task IOneTimeTokens.StoreActivation(NewActivation activation, OpenTransaction transaction, CancellationToken ct) =>
            throw NotPartOfSignIn();

        Task<EarlierActivation?> IOneTimeTokens.FindEarlierActivation(string token, CancellationToken ct) => throw NotPartOfSignIn();

        Task<SecondFactorState> ISecondFactors.Find(Guid accountId, CancellationToken ct) => throw NotPartOfSignIn();

        Task<byte[]?> ISecondFactors.StartEnrolment(Guid accountId, bool replace, OpenTransaction transaction, CancellationToken ct) =>
            throw NotPartOfSignIn();

        Task<bool> ISecondFactors.Confirm(Guid accountId, string code, OpenTransaction transaction, CancellationToken ct) =>
            throw NotPartOfSignIn();

        Task<bool> ISecondFactors.UseForRecovery(Guid accountId, string code, OpenTransaction transaction, CancellationToken ct) =>
            throw NotPartOfSignIn();

        Task<IReadOnlyList<string>> ISecondFactors.IssueRecoveryCodes(Guid accountId, OpenTransaction transaction, CancellationToken ct) =>
            throw NotPartOfSignIn();

        Task<bool> ISecondFactors.Remove(Guid accountId, OpenTransaction transaction, CancellationToken ct) => throw NotPartOfSignIn();

        Task<string> IAccountChanges.Hash(string password, HashingPriority priority, CancellationToken ct) => throw NotPartOfSignIn();

        Task IAccountChanges.Create(NewAccount account, OpenTransaction transaction, CancellationToken ct) => throw NotPartOfSignIn();

        Task<ChangedAccount?> IAccountChanges.Change(AccountChange change, OpenTransaction transaction, CancellationToken ct) =>
            throw NotPartOfSignIn();

        Task<bool> IAccountChanges.Activate(
            Guid id, string verifier, DateTimeOffset now, OpenTransaction transaction, CancellationToken ct) =>
            throw NotPartOfSignIn();

        Task<int?> IAccountChanges.RaiseGeneration(Guid id, OpenTransaction transaction, CancellationToken ct) => throw NotPartOfSignIn();

        Task<int?> IAccountChanges.ChangePassword(Guid id, string verifier, OpenTransaction transaction, CancellationToken ct) =>
            throw NotPartOfSignIn();

        Task<bool> IAccountChanges.VerifyEmail(Guid id, string normalizedEmail, OpenTransaction transaction, CancellationToken ct) =>
            throw NotPartOfSignIn();

        Task<ErasedAccount> IAccountChanges.Erase(
            Guid id, long version, DateTimeOffset now, OpenTransaction transaction, CancellationToken ct) =>
            throw NotPartOfSignIn();

    }
}
