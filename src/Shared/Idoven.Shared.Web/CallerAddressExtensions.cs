using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Idoven.Shared.Web;

public static class CallerAddressExtensions
{
    private const int NetworkBytes = 8;

    /// <summary>The address that the request came from, an IPv4 one as such however the socket took it; null where there is none.</summary>
    public static IPAddress? CallerAddress(this HttpContext context) =>
        context.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : context.Connection.RemoteIpAddress;

    /// <summary>What counts as one caller: an IPv4 address as it is, of an IPv6 address the first 64 bits, which one customer has; empty where there is none.</summary>
    public static string CallerNetwork(this HttpContext context) => context.CallerAddress() switch
    {
        null => "",
        { AddressFamily: AddressFamily.InterNetworkV6 } address => $"{new IPAddress([.. address.GetAddressBytes()[..NetworkBytes], .. new byte[NetworkBytes]])}/64",
        var address => address.ToString(),
    };
}
