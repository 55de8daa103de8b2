using Microsoft.AspNetCore.Http;

namespace Idoven.Shared.Http.Idempotency;

/// <summary>The header <c>Idempotency-Key</c> of a POST: 1 to 255 visible ASCII characters, given once.</summary>
public static class IdempotencyHeader
{
    public const string Name = "Idempotency-Key";

    /// <summary>Said where <see cref="TryRead"/> fails.</summary>
    public const string Rule = "Idempotency-Key is 1 to 255 visible ASCII characters, given once.";

    private const int MaxLength = 255;

    /// <param name="key">Null where the header is absent.</param>
    /// <returns>False where the header is there and breaks the rule.</returns>
    public static bool TryRead(HttpRequest request, out string? key)
    {
        var values = request.Headers[Name];
        key = values.Count == 0 ? null : values[0];
        return values.Count == 0
            || (values.Count == 1 && key is { Length: > 0 and <= MaxLength } && key.All(character => character is >= '!' and <= '~'));
    }
}
