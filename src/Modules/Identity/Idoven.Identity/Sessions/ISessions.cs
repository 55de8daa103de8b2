using System.Net;

namespace Idoven.Identity.Sessions;

/// <summary>Signed-in sessions: every token of one carries its id.</summary>
internal interface ISessions
{
    /// <summary>Somebody has signed in: the session and the record of it, or neither.</summary>
    /// <returns>Null where the account is gone meanwhile.</returns>
    Task<Guid?> Begin(Guid accountId, string clientId, CancellationToken ct);

    /// <returns>False where the session was ended, has lasted as long as one may, or never was.</returns>
    Task<bool> Continue(Guid sessionId, CancellationToken ct);

    /// <summary>Those that can still be continued, the newest first.</summary>
    Task<IReadOnlyList<SignedInSession>> List(Guid accountId, CancellationToken ct);

    /// <summary>Ends a session of the account, in the open transaction.</summary>
    /// <returns>False where the account has no such session, or it was ended before.</returns>
    Task<bool> End(Guid accountId, Guid sessionId, CancellationToken ct);

    /// <summary>Ends the account's sessions that began with the client, in the open transaction.</summary>
    /// <returns>Those that had not ended before.</returns>
    Task<IReadOnlyList<Guid>> EndOf(Guid accountId, string clientId, CancellationToken ct);

    /// <summary>Ends every session of the account, in the open transaction.</summary>
    Task EndAll(Guid accountId, CancellationToken ct);
}

/// <param name="FirstAddress">The address that the session was started from; null if it was not stored.</param>
/// <param name="FirstAgent">The program that it was started with, as <see cref="AgentFamily"/> names it; null if the request did not name one.</param>
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
