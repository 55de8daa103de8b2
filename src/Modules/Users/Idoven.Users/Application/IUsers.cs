using Idoven.Shared.Web.Idempotency;
using Idoven.Users.Domain;

namespace Idoven.Users.Application;

/// <summary>The registered users, and what is still known of deleted ones.</summary>
internal interface IUsers
{
    void Add(User user);

    void Add(Erasure erasure);

    void Remove(User user);

    Task<User?> Find(Guid id, CancellationToken ct);

    Task<Erasure?> FindErasure(Guid userId, CancellationToken ct);

    /// <summary>In the order of their ids, from after the cursor on; one more than the limit where there is more.</summary>
    Task<IReadOnlyList<User>> List(UserFilter filter, CancellationToken ct);

    /// <summary>Begins the transaction that <see cref="Save"/> commits, and locks the row until then; null where it is gone.</summary>
    Task<User?> Lock(Guid id, CancellationToken ct);

    /// <summary>The same, of an erasure.</summary>
    Task<Erasure?> LockErasure(Guid userId, CancellationToken ct);

    /// <summary>Begins the transaction and locks every superadmin, also where there is none: two who remove each other come one after the other.</summary>
    Task<IReadOnlyList<User>> LockSuperadmins(CancellationToken ct);

    /// <summary>Takes the request's key in the transaction that <see cref="Save"/> commits, and begins it where none is open.</summary>
    /// <param name="user">Whom this request is about to make or change.</param>
    /// <returns>Whom an earlier request under the key has made or changed; null where the key is new, and now this request's.</returns>
    /// <exception cref="RequestKeyReusedException">The key belongs to another body.</exception>
    Task<Guid?> Claim(RequestKey key, Guid user, DateTimeOffset now, CancellationToken ct);

    /// <summary>The requests of an erased subject are forgotten, in the transaction that <see cref="Save"/> commits.</summary>
    Task ForgetRequests(string subject, CancellationToken ct);

    /// <summary>One transaction: the user and the message, or neither.</summary>
    /// <exception cref="UserRejectedException">The username is taken; nothing is stored then.</exception>
    Task Save(CancellationToken ct);
}

/// <summary>Which users are listed.</summary>
/// <param name="Roles">Those that the actor may see.</param>
internal sealed record UserFilter(IReadOnlyList<string> Roles, string? Username, Guid? After, int Limit);
