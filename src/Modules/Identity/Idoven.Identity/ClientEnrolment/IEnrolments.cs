using Idoven.Identity.Clients;
using Idoven.Shared.Data;

namespace Idoven.Identity.ClientEnrolment;

/// <summary>
/// The enrolment tokens of clients: only hashes are stored, and they stay after their use, so that a second use is recognised.
/// </summary>
internal interface IEnrolments
{
    /// <summary>Adds a token of the locked client; the client's earlier ones expire.</summary>
    Task Add(RegisteredClient client, Enrolment enrolment, DateTimeOffset now, OpenTransaction transaction, CancellationToken ct);

    /// <returns>The client of the token, and whether the token was used; null if it is unknown.</returns>
    Task<IssuedEnrolment?> Find(string tokenHash, CancellationToken ct);

    /// <summary>Marks a token of the locked client as used.</summary>
    /// <returns>False if it was used before or has expired.</returns>
    Task<bool> Redeem(RegisteredClient client, string tokenHash, DateTimeOffset now, OpenTransaction transaction, CancellationToken ct);
}

/// <param name="ClientId">The client that it was issued for.</param>
internal sealed record IssuedEnrolment(string ClientId, bool IsUsed);
