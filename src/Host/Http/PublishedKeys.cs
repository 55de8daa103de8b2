using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Serialization;
using Idoven.Shared.Web.Authorization;
using Microsoft.IdentityModel.Tokens;

namespace Idoven.Host.Http;

/// <summary>Reads the published keys of the issuer, for a host on which the issuer does not run.</summary>
/// <param name="metadata">The address of the discovery document, which need not start with the public URL.</param>
internal sealed class PublishedKeys(Uri issuer, Uri metadata, TimeProvider clock) : IssuerKeys(clock), IDisposable
{
    private const string WellKnown = ".well-known/openid-configuration";
    private const int MaxBytes = 1 << 20;

    private readonly HttpClient http = new(
        new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(1), AllowAutoRedirect = false })
    {
        Timeout = TimeSpan.FromSeconds(5),
        MaxResponseContentBufferSize = MaxBytes,
        DefaultRequestHeaders = { CacheControl = new CacheControlHeaderValue { NoCache = true } },
    };

    private string? seen;

    public override TimeSpan ReadEvery => TimeSpan.FromSeconds(2);

    /// <summary>Returns the default address of the discovery document.</summary>
    public static Uri MetadataOf(Uri issuer) => new(issuer, WellKnown);

    public void Dispose() => http.Dispose();

    protected override async Task<BaseConfiguration> Read(BaseConfiguration known, CancellationToken ct)
    {
        var discovery = await http.GetFromJsonAsync<Discovery>(metadata, ct);
        if (discovery?.Issuer != issuer.AbsoluteUri || discovery.JwksUri is null)
        {
            throw new InvalidDataException($"{metadata} is of the issuer {discovery?.Issuer}, not of {issuer}");
        }

        var document = await http.GetStringAsync(Near(discovery.JwksUri), ct);
        if (document == seen)
        {
            return known;
        }

        var keys = new KeySet(new JsonWebKeySet(document).GetSigningKeys(), []);
        seen = document;
        return keys;
    }

    /// <summary>
    /// Returns the address of a document on the host that served the metadata: the public URL may not be reachable from here.
    /// </summary>
    private Uri Near(Uri published) =>
        issuer.IsBaseOf(published) && metadata.AbsoluteUri.EndsWith(WellKnown, StringComparison.Ordinal)
            ? new Uri(new Uri(metadata.AbsoluteUri[..^WellKnown.Length]), issuer.MakeRelativeUri(published))
            : published;

    private sealed record Discovery(
        [property: JsonPropertyName("issuer")] string? Issuer,
        [property: JsonPropertyName("jwks_uri")] Uri? JwksUri);
}
