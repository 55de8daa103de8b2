namespace Idoven.Shared.Web.Idempotency;

/// <summary>A client's own name for one request, so that it may be repeated: it belongs to subject, client and route.</summary>
/// <param name="Subject">Who asks.</param>
/// <param name="ClientId">Through which client.</param>
/// <param name="Route">Method and path.</param>
/// <param name="Key">What the client chose.</param>
/// <param name="BodySha256">Of the unpacked body: the same key with another body is a mistake.</param>
public sealed record RequestKey(string Subject, string ClientId, string Route, string Key, byte[] BodySha256);

/// <summary>The client used a key again for another body: answered with 422.</summary>
public sealed class RequestKeyReusedException : Exception;
