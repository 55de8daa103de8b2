namespace Idoven.Shared.Web.Idempotency;

/// <summary>The name that a client gives to a request, so that it can repeat it. It is valid for one subject, client and route.</summary>
/// <param name="Subject">The caller.</param>
/// <param name="ClientId">The client of the caller.</param>
/// <param name="Route">Method and path.</param>
/// <param name="Key">The value of the header.</param>
/// <param name="BodySha256">The hash of the decompressed body: the same key with another body is an error.</param>
public sealed record RequestKey(string Subject, string ClientId, string Route, string Key, byte[] BodySha256);

/// <summary>The client used a key again with another body. The response is 422.</summary>
public sealed class RequestKeyReusedException : Exception;
