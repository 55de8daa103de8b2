using Idoven.Shared.Data;
using Idoven.Shared.Data.Limits;
using Idoven.Shared.Web;

namespace Idoven.Host.Http;

/// <summary>The limited resources that the requests of every module use.</summary>
internal static class HttpShares
{
    private static readonly RateLimitOptions Default = new();

    public static IReadOnlyList<LimitedResource> All { get; } =
    [
        new(
            "requests",
            "a user or a machine client, with the client that its token was issued to",
            "none",
            $"{Default.PerSecond} a second, {Default.Burst} at once (`RateLimits:*`)",
            "429 `too-many-requests`"),
        new(
            "unfinished bodies of requests without a token",
            "an address; of IPv6 the network of 64 bits",
            $"{SmallBodies.OfAll} of a host, {BodyLimits.SmallBodyBytes / 1024} KiB each",
            $"{SmallBodies.PerAddress}",
            "429 `too-many-at-once`; 503; 413 for a larger body"),
        new(
            "answered requests with an unfinished body",
            "an address; of IPv6 the network of 64 bits",
            $"{UnreadBodies.OfAll} of a host; of each {UnreadBodies.MaxBytes >> 20} MiB or {UnreadBodies.Limit.TotalSeconds:0} s are "
                + "discarded",
            $"{UnreadBodies.PerAddress}",
            "the connection is closed after the response"),
        new(
            "connections to the database",
            "a request, while its statements run: none is held while a client sends or reads",
            $"{ModuleDatabaseExtensions.DefaultPoolSize - ModuleDatabaseExtensions.LargestBackgroundPool} of a module for requests and "
                + $"{ModuleDatabaseExtensions.LargestBackgroundPool} for the background, on each host",
            "none beyond that of the other rows",
            $"503 after {ModuleDatabaseExtensions.RequestConnectSeconds} s"),
    ];
}
