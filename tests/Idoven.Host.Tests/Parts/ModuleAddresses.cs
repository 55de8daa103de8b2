using System.Net;

namespace Idoven.Host.Tests.Parts;

/// <summary>Represents the address of each module; the same address three times if one host has all modules.</summary>
internal sealed record ModuleAddresses(Uri Identity, Uri Users, Uri Ecgs)
{
    /// <summary>
    /// Returns a handler that sends each request to the host of the module that its path belongs to, as a proxy in front of them would.
    /// </summary>
    /// <param name="from">The source address of the connections; null: 127.0.0.1.</param>
    public HttpMessageHandler Handler(IPAddress? from = null) =>
        new Front(this) { InnerHandler = from is null ? new HttpClientHandler() : SourceAddress.Handler(from) };

    private Uri FindAddress(string path) => path switch
    {
        _ when path.StartsWith("/api/v1/users", StringComparison.Ordinal) => Users,
        _ when path.StartsWith("/api/v1/ecgs", StringComparison.Ordinal) || path.StartsWith("/api/v1/events", StringComparison.Ordinal) =>
            Ecgs,
        _ => Identity,
    };

    private sealed class Front(ModuleAddresses addresses) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri = new Uri(addresses.FindAddress(request.RequestUri!.AbsolutePath), request.RequestUri.PathAndQuery);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
