using Idoven.Shared.Audit;
using Idoven.Shared.Messaging;
using Idoven.Shared.Web.Idempotency;
using Idoven.Users.Application;
using Idoven.Users.Contracts;
using Idoven.Users.Domain;

namespace Idoven.Users.Tests.Application;

public sealed class RegisterUserTests
{
    private static readonly Actor Admin = new(Guid.CreateVersion7(), UserRole.Admin);

    [Fact]
    public async Task Registered_user_is_sent_to_identity_with_only_the_hash_of_the_token()
    {
        var store = new Store();
        var (user, activation) = await Register(store);

        Assert.Same(store.Added, user);
        Assert.Equal(
            new UserRegistered(user.Id, 1, "Ada", "ada@example.org", "user", activation!.TokenHash, activation.ExpiresAt), store.Message);
        Assert.Equal(user.Id, store.Key);
        Assert.Equal(new AuditEntry(AuditActions.RegisterUser, $"{user.Id}"), store.Entry);
        Assert.True(store.IsSaved);
    }

    [Theory, InlineData("admin"), InlineData("superadmin")]
    public async Task Role_that_the_actor_does_not_manage_is_rejected(string role)
    {
        var store = new Store();
        var rejected = await Assert.ThrowsAsync<UserRejectedException>(() => Register(store, role));

        Assert.Equal((UserRejection.NotAllowed, false, null, null), (rejected.Rejection, store.IsSaved, store.Message, store.Entry));
    }

    private static Task<(User User, Activation? Activation)> Register(Store store, string role = "user") =>
        new RegisterUserHandler(store, store, store, TimeProvider.System)
            .Handle(Admin, new RegisterUser("Ada", "ada@example.org", "Ada", role), TestContext.Current.CancellationToken);

    private sealed class Store : IUsers, IUsersOutbox, IUsersAuditLog
    {
        public User? Added { get; private set; }

        public object? Message { get; private set; }

        public Guid Key { get; private set; }

        public AuditEntry? Entry { get; private set; }

        public bool IsSaved { get; private set; }

        public void Add(User user) => Added = user;

        public void Add<T>(T message, Guid key, string? traceparent = null)
            where T : class => (Message, Key) = (message, key);

        public void Add(AuditEntry entry) => Entry = entry;

        public Task Save(CancellationToken ct)
        {
            IsSaved = true;
            return Task.CompletedTask;
        }

        Task IAuditLog.Record(AuditEntry entry) => throw NotNeeded();

        void IUsers.Add(Erasure erasure) => throw NotNeeded();

        void IUsers.Remove(User user) => throw NotNeeded();

        Task<User?> IUsers.Find(Guid id, CancellationToken ct) => throw NotNeeded();

        Task<Erasure?> IUsers.FindErasure(Guid userId, CancellationToken ct) => throw NotNeeded();

        Task<IReadOnlyList<User>> IUsers.List(UserFilter filter, CancellationToken ct) => throw NotNeeded();

        Task<User?> IUsers.Lock(Guid id, CancellationToken ct) => throw NotNeeded();

        Task<Erasure?> IUsers.LockErasure(Guid userId, CancellationToken ct) => throw NotNeeded();

        Task<IReadOnlyList<User>> IUsers.LockSuperadmins(CancellationToken ct) => throw NotNeeded();

        Task<Guid?> IUsers.Claim(RequestKey key, Guid user, DateTimeOffset now, CancellationToken ct) => throw NotNeeded();

        Task IUsers.ForgetRequests(string subject, CancellationToken ct) => throw NotNeeded();

        private static InvalidOperationException NotNeeded() => new("RegisterUser does not need this member.");
    }
}
