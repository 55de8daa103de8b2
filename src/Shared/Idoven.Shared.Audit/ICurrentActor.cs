using System.Net;

namespace Idoven.Shared.Audit;

/// <summary>Provides the actor for the audit log.</summary>
public interface ICurrentActor
{
    /// <summary>Gets the caller of the current request; null outside a request, as in a consumer or a verb of the host.</summary>
    RequestActor? Current { get; }
}

/// <summary>The caller of a request.</summary>
/// <param name="Subject">The subject of the access token; null without a valid token.</param>
/// <param name="ClientId">The client that the token was issued to; null without a valid token.</param>
/// <param name="SessionId">The session of the token; null if there is none.</param>
/// <param name="Address">The address that the request came from; null if it is unknown.</param>
public sealed record RequestActor(string? Subject, string? ClientId, Guid? SessionId, IPAddress? Address);
