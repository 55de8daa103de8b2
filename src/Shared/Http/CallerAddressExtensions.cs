using System.Net;
using Microsoft.AspNetCore.Http;

namespace Idoven.Shared.Http;

public static class CallerAddressExtensions
{
    /// <summary>The address that the request came from, an IPv4 one as such however the socket took it; null where there is none.</summary>
    public static IPAddress? CallerAddress(this HttpContext context) =>
        context.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : context.Connection.RemoteIpAddress;
}
