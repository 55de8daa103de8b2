using System.Globalization;
using System.Net;
using Idoven.Shared.Data.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using IPNetwork = System.Net.IPNetwork;

namespace Idoven.Host.Http;

/// <summary>
/// Configures the trusted reverse proxies. The address and the scheme of the caller are taken from trusted proxies only. The requested host
/// name is never taken from a header: it is always that of the public URL.
/// </summary>
internal static class Proxies
{
    private const string Key = "Proxies:Known";
    private const string HopsKey = "Proxies:Hops";
    private const string Loopback = "127.0.0.0/8, ::1";
    private const string None = "none";

    /// <exception cref="ConfigurationException">
    /// <c>Proxies:Known</c> is not a list of addresses and networks, or <c>Proxies:Hops</c> is not a positive number.
    /// </exception>
    public static void AddProxies(this IHostApplicationBuilder builder)
    {
        if (builder.Configuration.GetValue("FORWARDEDHEADERS_ENABLED", defaultValue: false))
        {
            throw new ConfigurationException(
                $"ASPNETCORE_FORWARDEDHEADERS_ENABLED trusts every proxy: remove it, and list the proxies in {Key}.");
        }

        var known = Read(builder.Configuration[Key]).ToList();
        var hops = ReadHops(builder.Configuration[HopsKey]);
        builder.Services.Configure<ForwardedHeadersOptions>(options =>
        {
            // Without a known proxy the framework would trust all of them.
            options.ForwardedHeaders = known.Count == 0
                ? ForwardedHeaders.None
                : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
            known.ForEach(options.KnownIPNetworks.Add);

            // The first hop that is not a known proxy is the caller.
            options.ForwardLimit = hops;
        });
    }

    public static void UseProxies(this IApplicationBuilder app, Uri issuer)
    {
        app.UseForwardedHeaders();
        var host = HostString.FromUriComponent(issuer);
        app.Use((context, next) =>
        {
            context.Request.Host = host;
            if (issuer.Scheme == Uri.UriSchemeHttp)
            {
                context.Request.Scheme = issuer.Scheme;
            }

            return next(context);
        });
    }

    private static IEnumerable<IPNetwork> Read(string? setting)
    {
        var text = string.IsNullOrWhiteSpace(setting) ? Loopback : setting;
        return text == None ? [] : text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Parse);
    }

    private static int? ReadHops(string? setting) => string.IsNullOrWhiteSpace(setting)
        ? null
        : int.TryParse(setting, NumberStyles.None, CultureInfo.InvariantCulture, out var hops) && hops > 0
            ? hops
            : throw new ConfigurationException($"{HopsKey} is {setting}: give how many proxies a request passes at most, 1 or more.");

    private static IPNetwork Parse(string text) => IPNetwork.TryParse(text, out var network)
        ? network
        : IPAddress.TryParse(text, out var address)
            ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
            : throw new ConfigurationException(
                $"{Key} names {text}: give addresses and networks, such as 10.1.2.3, 10.8.0.0/16, or {None}.");
}
