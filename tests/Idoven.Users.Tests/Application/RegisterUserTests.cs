using Idoven.Shared.Messaging;
using Idoven.Users.Application;
using Idoven.Users.Contracts;
using Idoven.Users.Domain;

namespace Idoven.Users.Tests.Application;

public sealed class RegisterUserTests
{
    private static readonly Guid Id = Guid.CreateVersion7();

    [Fact]
    public async Task A_registered_user_is_announced_to_identity()
    {
        var store = new Store(isTaken: false);
        var user = await Register(store);

        Assert.Same(store.Added, user);
        Assert.Equal(new UserRegistered(Id, 1, "Ada", "ada@example.org", "user", null, null), store.Message);
    }

    [Fact]
    public async Task A_name_that_is_taken_makes_no_user() => Assert.Null(await Register(new Store(isTaken: true)));

    private static Task<User?> Register(Store store) => new RegisterUserHandler(store, store, TimeProvider.System)
        .Handle(new RegisterUser(Id, "Ada", "ada@example.org", "Ada", "user"), TestContext.Current.CancellationToken);

    private sealed class Store(bool isTaken) : IUsers, IOutbox
    {
        public User? Added { get; private set; }

        public object? Message { get; private set; }

        public void Add(User user) => Added = user;

        public void Add<T>(T message, Guid key)
            where T : class
        {
            Assert.Equal(Id, key);
            Message = message;
        }

        public Task<bool> Save(CancellationToken ct) => Task.FromResult(!isTaken);

        public Task<User?> Find(Guid id, CancellationToken ct) => throw new InvalidOperationException("Registering asks for nobody.");
    }
}
