using Idoven.Shared.Web.Authorization;
using Microsoft.AspNetCore.Http;

namespace Idoven.Shared.Web.Idempotency;

/// <summary>The header <c>Idempotency-Key</c> of a POST: 1 to 255 visible ASCII characters, sent once.</summary>
public static class IdempotencyHeader
{
    public const string Name = "Idempotency-Key";
    public const int MaxLength = 255;

    /// <returns>The key; null if the header is missing.</returns>
    /// <exception cref="BadHttpRequestException">The header is not valid.</exception>
    public static string? Read(HttpRequest request) => request.Headers[Name] switch
    {
        { Count: 0 } => null,
        [{ Length: > 0 and <= MaxLength } key] when key.All(character => character is >= '!' and <= '~') => key,
        _ => throw new BadHttpRequestException($"{Name} must have 1 to {MaxLength} visible ASCII characters and be sent once."),
    };

    /// <returns>The key with its subject, client and route; null if the header is missing.</returns>
    /// <exception cref="BadHttpRequestException">The header is not valid.</exception>
    public static RequestKey? Key(this HttpContext context, byte[] bodySha256)
    {
        var caller = new CurrentCaller(context.User);
        var route = $"{context.Request.Method} {context.Request.Path.Value!.TrimEnd('/').ToLowerInvariant()}";
        return Read(context.Request) is { } key ? new RequestKey(caller.Subject, caller.ClientId ?? "", route, key, bodySha256) : null;
    }
}
