namespace Idoven.Identity.Contracts;

/// <summary>A machine client was removed: whoever holds something of it erases it.</summary>
/// <param name="ClientId">The client; its subject is <c>client:&lt;id&gt;</c>, and its id never comes back.</param>
/// <param name="Version">1: a client is deleted once.</param>
public sealed record ClientDeleted(string ClientId, long Version);
