using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Idoven.Shared.Web.Idempotency;
using Microsoft.AspNetCore.Http;

namespace Idoven.Shared.Web.Bodies;

/// <summary>
/// Reads small JSON bodies strictly: a member that is unknown, duplicate, missing or of another type is an error with its pointer. A byte
/// order mark is skipped.
/// </summary>
public static class JsonBody
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web)
    {
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict,
        PropertyNameCaseInsensitive = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    /// <summary>Reads the body.</summary>
    /// <exception cref="BadBodyException">The body is not a JSON object of this type.</exception>
    /// <exception cref="BadHttpRequestException">The content type is not JSON, or the body exceeds the limit.</exception>
    public static async Task<T> Read<T>(HttpContext context, CancellationToken ct)
        where T : class => (await ReadWithKey<T>(context, ct)).Body;

    /// <summary>Reads the body, and the idempotency key if the request has one.</summary>
    /// <exception cref="BadBodyException">The body is not a JSON object of this type.</exception>
    /// <exception cref="BadHttpRequestException">
    /// The content type is not JSON, the body exceeds the limit, or the key is not valid.
    /// </exception>
    public static async Task<(T Body, RequestKey? Key)> ReadWithKey<T>(HttpContext context, CancellationToken ct)
        where T : class
    {
        var request = context.Request;
        if (!request.HasJsonContentType())
        {
            throw new BadHttpRequestException("The content type must be application/json.", StatusCodes.Status415UnsupportedMediaType);
        }

        var bytes = await ReadBytes(context, ct);
        using var document = Parse(bytes);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new BadBodyException("The body is not a JSON object.");
        }

        var type = Json.GetTypeInfo(typeof(T));
        var errors = Check(document.RootElement, type).ToArray();
        return errors.Length == 0
            ? ((T)document.RootElement.Deserialize(type)!, context.Key(SHA256.HashData(bytes)))
            : throw new BadBodyException("The body is not valid.", errors);
    }

    /// <summary>Reads the idempotency key of a request without a body. If the request has a body, it is part of the comparison.</summary>
    /// <exception cref="BadHttpRequestException">The key is not valid, or the body exceeds the limit.</exception>
    public static async Task<RequestKey?> ReadKey(HttpContext context, CancellationToken ct) =>
        context.Key(SHA256.HashData(await ReadBytes(context, ct)));

    private static async Task<byte[]> ReadBytes(HttpContext context, CancellationToken ct)
    {
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, ct);
        return buffer.ToArray();
    }

    private static JsonDocument Parse(byte[] bytes)
    {
        try
        {
            var mark = Encoding.UTF8.Preamble;
            return JsonDocument.Parse(bytes.AsMemory(bytes.AsSpan().StartsWith(mark) ? mark.Length : 0));
        }
        catch (JsonException e)
        {
            throw new BadBodyException($"The body is not JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.");
        }
    }

    private static IEnumerable<ProblemError> Check(JsonElement body, JsonTypeInfo type)
    {
        var seen = new HashSet<string>();
        foreach (var member in body.EnumerateObject())
        {
            var property = type.Properties.FirstOrDefault(candidate => candidate.Name == member.Name);
            if (property?.Set is null && property?.AssociatedParameter is null)
            {
                yield return new ProblemError(Pointer(member.Name), "The member is unknown.");
            }
            else if (!seen.Add(member.Name))
            {
                yield return new ProblemError(Pointer(member.Name), "The member is duplicate.");
            }
            else if (!Fits(member.Value, property))
            {
                yield return new ProblemError(Pointer(member.Name), $"The value must be {Described(property)}.");
            }
        }

        foreach (var missing in type.Properties.Where(property => property.IsRequired && !seen.Contains(property.Name)))
        {
            yield return new ProblemError(Pointer(missing.Name), "The member is missing.");
        }
    }

    private static bool Fits(JsonElement value, JsonPropertyInfo property)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            return property.IsSetNullable && property.PropertyType != typeof(bool);
        }

        try
        {
            value.Deserialize(property.PropertyType, Json);
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static string Described(JsonPropertyInfo property) => (property.PropertyType, property.IsSetNullable) switch
    {
        (var type, var nullable) when type == typeof(string) => nullable ? "a string or null" : "a string",
        (var type, _) when type == typeof(bool) || type == typeof(bool?) => "true or false",
        (var type, _) when typeof(System.Collections.IEnumerable).IsAssignableFrom(type) => "a list of strings",
        _ => "an object of the documented form, with no other member",
    };

    private static string Pointer(string member) =>
        $"/{member.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
}

/// <summary>The exception for a body that is not valid. The response is 400 with the pointers.</summary>
public sealed class BadBodyException(string detail, params ProblemError[] errors) : Exception(detail)
{
    public ProblemError[] Errors { get; } = errors;
}
