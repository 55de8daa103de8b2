using System.Net;
using Idoven.Shared.Data.Configuration;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Idoven.Shared.Web.Authorization;

/// <summary>
/// Decides whether a host has demo users, demo clients and the password grant. Their passwords and secrets are published, so they
/// exist only where no other machine reaches the host.
/// </summary>
public sealed class DemoAccess
{
    private readonly bool isAnywhere;

    private DemoAccess(string? rejection, bool isAnywhere) => (Rejection, this.isAnywhere) = (rejection, isAnywhere);

    /// <summary>Gets why the host has none of them; null if it has them.</summary>
    public string? Rejection { get; }

    public bool IsAllowed => Rejection is null;

    /// <summary>Returns whether a caller at this address may use the password grant.</summary>
    /// <param name="caller">Null if the address is unknown.</param>
    public bool Allows(IPAddress? caller) => IsAllowed && (isAnywhere || (caller is not null && IPAddress.IsLoopback(caller)));

    /// <exception cref="ConfigurationException">A setting in the section <c>Demo</c> is unknown or cannot be read.</exception>
    internal static DemoAccess Read(IConfiguration configuration, IHostEnvironment environment, Uri issuer)
    {
        var isAnywhere = configuration.Read<DemoOptions>("Demo").Anywhere;
        if (!environment.IsDevelopment())
        {
            return new DemoAccess($"the environment is {environment.EnvironmentName}", isAnywhere: false);
        }

        if (isAnywhere)
        {
            return new DemoAccess(rejection: null, isAnywhere);
        }

        if (!issuer.IsLoopback)
        {
            return new DemoAccess($"Auth:Issuer, {issuer}, is not on this machine", isAnywhere);
        }

        return ReachableAddress(configuration) is { } address
            ? new DemoAccess($"the host listens on {address}, which other machines can reach", isAnywhere)
            : new DemoAccess(rejection: null, isAnywhere);
    }

    /// <summary>Returns an address that the host serves the API on and that is not loopback; null if there is none.</summary>
    private static string? ReachableAddress(IConfiguration configuration)
    {
        var managementPort = ManagementPortSetting.Read(configuration);
        var addresses = (configuration["urls"] ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Concat(configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>());
        return addresses.FirstOrDefault(address => !IsLoopback(address, managementPort));
    }

    /// <summary>Returns whether Kestrel listens on loopback only: a name other than localhost means all addresses of the machine.</summary>
    private static bool IsLoopback(string address, int managementPort)
    {
        try
        {
            var parsed = BindingAddress.Parse(address);
            return parsed.Port == managementPort
                || parsed.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
                || (IPAddress.TryParse(parsed.Host, out var ip) && IPAddress.IsLoopback(ip));
        }
        catch (FormatException)
        {
            return false;
        }
    }
}

/// <summary>The section <c>Demo</c>.</summary>
internal sealed class DemoOptions
{
    /// <summary>In Development: demo users, demo clients and the password grant exist for other machines too.</summary>
    public bool Anywhere { get; set; }
}
