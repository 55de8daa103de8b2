using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Serialization;
using Idoven.Shared.Web.Authorization;
using Microsoft.IdentityModel.Tokens;

namespace Idoven.Host.Http;

/// <summary>The issuer's keys as it publishes them, for a host where it does not live.</summary>
/// <param name="metadata">Where its discovery document is fetched, which need not be below its public URL.</param>
internal sealed class PublishedKeys(Uri issuer, Uri metadata, TimeProvider clock) : IssuerKeys(clock), IDisposable
{
    private const string WellKnown = ".well-known/openid-configuration";
    private const int MaxBytes = 1 << 20;

    private readonly HttpClient http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(1), AllowAutoRedirect = false })
    {
        Timeout = TimeSpan.FromSeconds(5),
        MaxResponseContentBufferSize = MaxBytes,
        DefaultRequestHeaders = { CacheControl = new CacheControlHeaderValue { NoCache = true } },
    };

    private string? seen;

    public override TimeSpan ReadEvery => TimeSpan.FromSeconds(2);

    /// <summary>Where the issuer says that it is found, unless configured otherwise.</summary>
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

    /// <summary>The same document where the metadata was fetched: the public URL may not be reachable from here.</summary>
    private Uri Near(Uri published) =>
        issuer.IsBaseOf(published) && metadata.AbsoluteUri.EndsWith(WellKnown, StringComparison.Ordinal)
            ? new Uri(new Uri(metadata.AbsoluteUri[..^WellKnown.Length]), issuer.MakeRelativeUri(published))
            : published;

    private sealed record Discovery(
        [property: JsonPropertyName("issuer")] string? Issuer,
        [property: JsonPropertyName("jwks_uri")] Uri? JwksUri);
}
