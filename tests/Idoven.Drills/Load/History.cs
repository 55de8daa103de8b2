using System.Collections.Concurrent;
using System.Diagnostics;

namespace Idoven.Drills.Load;

/// <summary>Represents all operations of the clients in one drill.</summary>
internal sealed class History(Stopwatch clock)
{
    private readonly ConcurrentQueue<Operation> operations = new();
    private readonly ConcurrentQueue<UserStory> users = new();

    public double Now => clock.Elapsed.TotalSeconds;

    public IReadOnlyList<Operation> Operations => [.. operations];

    public IReadOnlyList<UserStory> Users => [.. users];

    public void Add(Operation operation) => operations.Enqueue(operation);

    public void Add(UserStory user) => users.Enqueue(user);
}

/// <summary>Represents a user that the administrator of the load registered.</summary>
internal sealed class UserStory(Guid id, string username)
{
    public Guid Id { get; } = id;

    public string Username { get; } = username;

    /// <summary>Gets or sets an access token of the user, from before the deletion.</summary>
    public string? Token { get; set; }

    public bool IsActivated { get; set; }

    /// <summary>Gets or sets whether a deletion was sent, regardless of its outcome.</summary>
    public bool WasErasureTried { get; set; }

    /// <summary>Gets or sets whether the service confirmed the deletion.</summary>
    public bool IsErased { get; set; }
}
