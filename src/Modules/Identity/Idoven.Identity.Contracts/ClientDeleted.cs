namespace Idoven.Identity.Contracts;

/// <summary>A client was deleted. Each module erases what the client owns.</summary>
/// <param name="ClientId">The client's id, which is never used again. Its subject is <c>client:&lt;id&gt;</c>.</param>
/// <param name="Version">Always 1: a client is deleted once.</param>
public sealed record ClientDeleted(string ClientId, long Version);
