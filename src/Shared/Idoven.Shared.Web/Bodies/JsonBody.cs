using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Idoven.Shared.Web.Idempotency;
using Microsoft.AspNetCore.Http;

namespace Idoven.Shared.Web.Bodies;

/// <summary>
/// Small JSON bodies, read strictly: a member that is unknown, given twice, missing or of another type is an error with its pointer. A byte
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

    /// <exception cref="BadBodyException">It is no JSON object of this form.</exception>
    /// <exception cref="BadHttpRequestException">It is no JSON by its type, or over the limit.</exception>
    public static async Task<T> Read<T>(HttpContext context, CancellationToken ct)
        where T : class => (await ReadWithKey<T>(context, ct)).Body;

    /// <summary>The body, and the request's key where the client gave one.</summary>
    /// <exception cref="BadBodyException">It is no JSON object of this form.</exception>
    /// <exception cref="BadHttpRequestException">It is no JSON by its type, or over the limit; or the key breaks its rule.</exception>
    public static async Task<(T Body, RequestKey? Key)> ReadWithKey<T>(HttpContext context, CancellationToken ct)
        where T : class
    {
        var request = context.Request;
        if (!request.HasJsonContentType())
        {
            throw new BadHttpRequestException("The body is application/json.", StatusCodes.Status415UnsupportedMediaType);
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
            : throw new BadBodyException("The body breaks a rule.", errors);
    }

    /// <summary>The key of a request that has no body; one that is sent all the same is compared too.</summary>
    /// <exception cref="BadHttpRequestException">The key breaks its rule, or the body is over the limit.</exception>
    public static async Task<RequestKey?> ReadKey(HttpContext context, CancellationToken ct) => context.Key(SHA256.HashData(await ReadBytes(context, ct)));

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
                yield return new ProblemError(Pointer(member.Name), "There is no such member.");
            }
            else if (!seen.Add(member.Name))
            {
                yield return new ProblemError(Pointer(member.Name), "It is given twice.");
            }
            else if (!Fits(member.Value, property))
            {
                yield return new ProblemError(Pointer(member.Name), $"It must be {Described(property)}.");
            }
        }

        foreach (var missing in type.Properties.Where(property => property.IsRequired && !seen.Contains(property.Name)))
        {
            yield return new ProblemError(Pointer(missing.Name), "It is missing.");
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

/// <summary>A body that cannot be read, or breaks a rule: answered with 400 and the pointers.</summary>
public sealed class BadBodyException(string detail, params ProblemError[] errors) : Exception(detail)
{
    public ProblemError[] Errors { get; } = errors;
}
