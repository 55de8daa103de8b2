using Idoven.Users.Domain;

namespace Idoven.Users.Application;

/// <summary>The registered users.</summary>
internal interface IUsers
{
    void Add(User user);

    Task<User?> Find(Guid id, CancellationToken ct);

    /// <summary>One transaction: the user and the message, or neither.</summary>
    /// <returns>False where the username or e-mail address is taken; nothing is stored then.</returns>
    Task<bool> Save(CancellationToken ct);
}
