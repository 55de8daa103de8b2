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
    public async Task A_registered_user_is_announced_to_identity_with_the_hash_of_the_token_alone()
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
    public async Task Nobody_registers_a_role_that_they_do_not_manage(string role)
    {
        var store = new Store();
        var refused = await Assert.ThrowsAsync<UserRejectedException>(() => Register(store, role));

        Assert.Equal((UserRejection.NotAllowed, false, null, null), (refused.Refusal, store.IsSaved, store.Message, store.Entry));
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

        Task IAuditLog.Record(AuditEntry entry) => throw Unasked();

        void IUsers.Add(Erasure erasure) => throw Unasked();

        void IUsers.Remove(User user) => throw Unasked();

        Task<User?> IUsers.Find(Guid id, CancellationToken ct) => throw Unasked();

        Task<Erasure?> IUsers.FindErasure(Guid userId, CancellationToken ct) => throw Unasked();

        Task<IReadOnlyList<User>> IUsers.List(UserFilter filter, CancellationToken ct) => throw Unasked();

        Task<User?> IUsers.Lock(Guid id, CancellationToken ct) => throw Unasked();

        Task<Erasure?> IUsers.LockErasure(Guid userId, CancellationToken ct) => throw Unasked();

        Task<IReadOnlyList<User>> IUsers.LockSuperadmins(CancellationToken ct) => throw Unasked();

        Task<Guid?> IUsers.Claim(RequestKey key, Guid user, DateTimeOffset now, CancellationToken ct) => throw Unasked();

        Task IUsers.ForgetRequests(string subject, CancellationToken ct) => throw Unasked();

        private static InvalidOperationException Unasked() => new("Registering asks for nobody.");
    }
}
