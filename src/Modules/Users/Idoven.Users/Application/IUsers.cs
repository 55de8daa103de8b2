using Idoven.Shared.Web.Idempotency;
using Idoven.Users.Domain;

namespace Idoven.Users.Application;

/// <summary>
/// Represents the registered users, the erasures of deleted ones, and the module's unit of work: locks, claims and additions belong to the
/// transaction that <see cref="Save"/> commits.
/// </summary>
internal interface IUsers
{
    void Add(User user);

    void Add(Erasure erasure);

    void Remove(User user);

    Task<User?> Find(Guid id, CancellationToken ct);

    Task<Erasure?> FindErasure(Guid userId, CancellationToken ct);

    /// <summary>Returns users after the cursor, in the order of their ids; one more than the limit if there are more.</summary>
    Task<IReadOnlyList<User>> List(UserFilter filter, CancellationToken ct);

    /// <summary>Begins the transaction that <see cref="Save"/> commits, and locks the row until then.</summary>
    /// <returns>The user; null if it does not exist.</returns>
    Task<User?> Lock(Guid id, CancellationToken ct);

    /// <summary>Begins the transaction that <see cref="Save"/> commits, and locks an erasure until then.</summary>
    /// <returns>The erasure; null if it does not exist.</returns>
    Task<Erasure?> LockErasure(Guid userId, CancellationToken ct);

    /// <summary>
    /// Begins the transaction that <see cref="Save"/> commits, and takes a lock for all superadmins until then, also if there is none. Two
    /// that remove each other then do so one after the other.
    /// </summary>
    Task<IReadOnlyList<User>> LockSuperadmins(CancellationToken ct);

    /// <summary>
    /// Claims the request's idempotency key in the transaction that <see cref="Save"/> commits, and begins it if none is open.
    /// </summary>
    /// <param name="user">The user that the request will create or change.</param>
    /// <returns>The user that an earlier request with the key created or changed; null if the key is new.</returns>
    /// <exception cref="RequestKeyReusedException">The key belongs to another body.</exception>
    Task<Guid?> Claim(RequestKey key, Guid user, DateTimeOffset now, CancellationToken ct);

    /// <summary>
    /// Deletes the idempotency keys of an erased subject in the transaction that <see cref="Save"/> commits, and begins it if none is open.
    /// </summary>
    Task ForgetRequests(string subject, CancellationToken ct);

    /// <summary>Stores all changes and messages and commits the transaction. If it fails, nothing is stored.</summary>
    /// <exception cref="UserRejectedException">The username is taken.</exception>
    Task Save(CancellationToken ct);
}

/// <summary>Represents the filter of a list of users.</summary>
/// <param name="Roles">The roles of the users.</param>
internal sealed record UserFilter(IReadOnlyList<string> Roles, string? Username, Guid? After, int Limit);
