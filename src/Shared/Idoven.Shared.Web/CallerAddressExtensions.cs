using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Idoven.Shared.Web;

public static class CallerAddressExtensions
{
    private const int NetworkBytes = 8;

    /// <summary>Returns the address of the caller; an IPv4 address that is mapped to IPv6 as IPv4. Null if it is unknown.</summary>
    public static IPAddress? CallerAddress(this HttpContext context) =>
        context.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : context.Connection.RemoteIpAddress;

    /// <summary>
    /// Returns the network that is treated as one caller: an IPv4 address, or the first 64 bits of an IPv6 address, which one customer has.
    /// Empty if unknown.
    /// </summary>
    public static string CallerNetwork(this HttpContext context) => context.CallerAddress() switch
    {
        null => "",
        { AddressFamily: AddressFamily.InterNetworkV6 } address =>
            $"{new IPAddress([.. address.GetAddressBytes()[..NetworkBytes], .. new byte[NetworkBytes]])}/64",
        var address => address.ToString(),
    };
}
