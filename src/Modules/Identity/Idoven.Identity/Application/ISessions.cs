namespace Idoven.Identity.Application;

/// <summary>Signed-in sessions: every token of one carries its id.</summary>
internal interface ISessions
{
    /// <returns>Null where the account is gone meanwhile.</returns>
    Task<Guid?> Begin(Guid accountId, string clientId, CancellationToken ct);

    /// <returns>False where the session was ended or never was.</returns>
    Task<bool> Continue(Guid sessionId, CancellationToken ct);

    /// <summary>Ends every session of the account, in the open transaction.</summary>
    Task EndAll(Guid accountId, CancellationToken ct);
}
