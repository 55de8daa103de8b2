using System.Net;
using Idoven.Shared.Data;

namespace Idoven.Identity.Sessions;

/// <summary>Stores the sessions of users. Every token of a session carries its id.</summary>
internal interface ISessions
{
    /// <summary>Starts a session of a user that has signed in, and saves it together with its entry in the audit log.</summary>
    /// <returns>Null if the account was deleted in the meantime.</returns>
    Task<Guid?> Begin(Guid accountId, string clientId, CancellationToken ct);

    /// <summary>Stores at once that the session is used now, and from where.</summary>
    /// <returns>False if the session does not exist, was ended or has reached its maximum lifetime.</returns>
    Task<bool> Continue(Guid sessionId, CancellationToken ct);

    /// <summary>Lists the sessions that can still be continued, newest first.</summary>
    Task<IReadOnlyList<SignedInSession>> List(Guid accountId, CancellationToken ct);

    /// <summary>Ends a session of the account.</summary>
    /// <returns>False if the account has no such session, or it has already ended.</returns>
    Task<bool> End(Guid accountId, Guid sessionId, OpenTransaction transaction, CancellationToken ct);

    /// <summary>Ends the sessions of the account that were started with the client.</summary>
    /// <returns>The ids of the sessions that this ended.</returns>
    Task<IReadOnlyList<Guid>> EndOf(Guid accountId, string clientId, OpenTransaction transaction, CancellationToken ct);

    /// <summary>Ends every session of the account.</summary>
    Task EndAll(Guid accountId, OpenTransaction transaction, CancellationToken ct);
}

/// <param name="FirstAddress">The address that the session was started from; null if it was not stored.</param>
/// <param name="FirstAgent">
/// The program that it was started with, as <see cref="AgentFamily"/> names it; null if the request did not name one.
/// </param>
/// <param name="LastAddress">The address that a token was last issued to.</param>
/// <param name="LastAgent">The program that a token was last issued to.</param>
internal sealed record SignedInSession(
    Guid Id,
    string ClientId,
    DateTimeOffset CreatedAt,
    DateTimeOffset LastUsedAt,
    IPAddress? FirstAddress,
    string? FirstAgent,
    IPAddress? LastAddress,
    string? LastAgent);
