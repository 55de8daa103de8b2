using System.Buffers.Text;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace Idoven.Identity.Clients;

/// <summary>
/// The public keys that a client signs with instead of sending a secret (a JWK set, RFC 7517). Private members are rejected.
/// </summary>
/// <param name="Keys">The keys. If there are several, for example while one is being replaced, each has its own <c>kid</c>.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ClientKeys([property: Length(1, ClientKeys.MaxKeys)] IReadOnlyList<ClientKey> Keys)
{
    public const int MaxKeys = 5;

    /// <returns>The JSON pointer of the first error, relative to the set, and the rule that is broken; null if there is none.</returns>
    public (string Pointer, string Rule)? FindError()
    {
        if (Keys.Count is 0 or > MaxKeys)
        {
            return ("/keys", $"1 to {MaxKeys} keys.");
        }

        for (var i = 0; i < Keys.Count; i++)
        {
            if ((Keys[i] is { } key ? key.FindError() : "null is not a key.") is { } rule)
            {
                return ($"/keys/{i}", rule);
            }

            if (Keys.Count > 1 && (string.IsNullOrEmpty(Keys[i].Kid) || Keys.Take(i).Any(other => other.Kid == Keys[i].Kid)))
            {
                return ($"/keys/{i}/kid", "If there are several keys, each has its own kid.");
            }
        }

        return null;
    }
}

/// <summary>An RSA key of 2048 to 4096 bits, or one on the curve P-256.</summary>
/// <param name="Kty"><c>RSA</c> or <c>EC</c>.</param>
/// <param name="N">RSA: the modulus.</param>
/// <param name="E">RSA: the exponent.</param>
/// <param name="Crv">EC: <c>P-256</c>.</param>
/// <param name="X">EC: the first coordinate.</param>
/// <param name="Y">EC: the second.</param>
/// <param name="Kid">The name of the key in the header of an assertion.</param>
/// <param name="Alg"><c>PS256</c>, <c>RS256</c> or <c>ES256</c>.</param>
/// <param name="Use"><c>sig</c>.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ClientKey(
    [property: AllowedValues("RSA", "EC")] string Kty,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? N = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? E = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Crv = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? X = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Y = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), MaxLength(ClientKey.MaxKidLength)] string? Kid = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Alg = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Use = null)
{
    public const int MaxKidLength = 100;
    private const int MinBits = 2048;
    private const int MaxBits = 4096;
    private const int CoordinateBytes = 32;

    /// <returns>The rule that the key breaks, as a message for the caller; null if it breaks none.</returns>
    public string? FindError() => this switch
    {
        { Kid.Length: > MaxKidLength } => $"kid has at most {MaxKidLength} characters.",
        { Use: not (null or "sig") } => "use is sig, or absent.",
        { Kty: "RSA", Alg: not (null or "PS256" or "RS256") } => "alg of an RSA key is PS256, RS256, or absent.",
        { Kty: "EC", Alg: not (null or "ES256") } => "alg of a key on P-256 is ES256, or absent.",
        { Kty: "RSA", N: { } n, E: { } e, Crv: null, X: null, Y: null } =>
            CanImport(() => ImportRsa(n, e)) ? null : $"n and e, in base64url, are an RSA key of {MinBits} to {MaxBits} bits.",
        { Kty: "EC", N: null, E: null, Crv: "P-256", X: { } x, Y: { } y } =>
            CanImport(() => ImportP256(x, y)) ? null : "x and y, in base64url, are a point on the curve P-256.",
        _ => "A key is RSA with n and e, or EC with crv P-256, x and y, without private members.",
    };

    private static bool CanImport(Func<bool> import)
    {
        try
        {
            return import();
        }
        catch (Exception e) when (e is FormatException or CryptographicException or ArgumentException)
        {
            return false;
        }
    }

    private static bool ImportRsa(string modulus, string exponent)
    {
        var key = new RSAParameters { Modulus = Base64Url.DecodeFromChars(modulus), Exponent = Base64Url.DecodeFromChars(exponent) };
        if (key is not { Modulus.Length: > 0, Exponent.Length: > 0 })
        {
            return false;
        }

        using var rsa = RSA.Create(key);
        return rsa.KeySize is >= MinBits and <= MaxBits;
    }

    private static bool ImportP256(string x, string y)
    {
        var point = new ECPoint { X = Base64Url.DecodeFromChars(x), Y = Base64Url.DecodeFromChars(y) };
        using var ecdsa = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = point });
        return point is { X.Length: CoordinateBytes, Y.Length: CoordinateBytes };
    }
}
