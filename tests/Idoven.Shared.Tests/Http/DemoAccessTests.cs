using System.Net;
using Idoven.Shared.Data.Configuration;
using Idoven.Shared.Web.Authorization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Idoven.Shared.Tests.Http;

public sealed class DemoAccessTests
{
    private const string Localhost = "http://localhost:8080/";

    [Theory]
    [InlineData("Development", Localhost, null, true)]
    [InlineData("Development", Localhost, "http://127.0.0.1:8080", true)]
    [InlineData("Development", Localhost, "http://localhost:8080;http://[::1]:8080;http://127.1.2.3:9", true)]
    [InlineData("Development", "https://ecg.example.org/", "http://127.0.0.1:8080", false)]
    [InlineData("Development", "https://localhost.example.org/", "http://127.0.0.1:8080", false)]
    [InlineData("Development", Localhost, "http://0.0.0.0:8080", false)]
    [InlineData("Development", Localhost, "http://[::]:8080", false)]
    [InlineData("Development", Localhost, "http://+:8080", false)]
    [InlineData("Development", Localhost, "http://*:8080", false)]
    [InlineData("Development", Localhost, "http://localhost.example.org:8080", false)]
    [InlineData("Development", Localhost, "http://127.0.0.1:8080;http://10.1.2.3:8080", false)]
    [InlineData("Development", Localhost, "http://unix:/run/idoven.sock", false)]
    [InlineData("Development", Localhost, "not an address", false)]
    [InlineData("Production", Localhost, "http://127.0.0.1:8080", false)]
    [InlineData("Staging", Localhost, "http://127.0.0.1:8080", false)]
    public void Only_a_development_host_that_listens_on_loopback_has_demo_access(
        string environment, string issuer, string? addresses, bool isAllowed)
    {
        var access = Read(environment, issuer, ("urls", addresses));

        Assert.Equal(isAllowed, access.IsAllowed);
        Assert.Equal(isAllowed, access.Rejection is null);
    }

    [Fact]
    public void The_management_port_does_not_serve_the_api() =>
        Assert.True(
            Read("Development", Localhost, ("urls", "http://127.0.0.1:8080;http://0.0.0.0:9000"), ("Management:Port", "9000")).IsAllowed);

    [Fact]
    public void An_endpoint_that_Kestrel_is_configured_with_is_an_address_too() =>
        Assert.False(Read("Development", Localhost, ("Kestrel:Endpoints:Public:Url", "http://*:8080")).IsAllowed);

    [Theory]
    [InlineData("Development", "https://ecg.example.org/", "http://0.0.0.0:8080", true)]
    [InlineData("Production", Localhost, "http://127.0.0.1:8080", false)]
    public void Demo_Anywhere_allows_it_to_other_machines_in_Development_only(
        string environment, string issuer, string addresses, bool isAllowed)
    {
        var access = Read(environment, issuer, ("urls", addresses), ("Demo:Anywhere", "true"));

        Assert.Equal(isAllowed, access.IsAllowed);
        Assert.Equal(isAllowed, access.Allows(IPAddress.Parse("203.0.113.9")));
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("203.0.113.9", false)]
    [InlineData("10.0.0.1", false)]
    [InlineData("fe80::1", false)]
    [InlineData(null, false)]
    public void Only_callers_on_the_machine_use_the_password_grant(string? caller, bool isAllowed) =>
        Assert.Equal(isAllowed, Read("Development", Localhost).Allows(caller is null ? null : IPAddress.Parse(caller)));

    [Theory, InlineData("Demo:Anywhere", "perhaps"), InlineData("Demo:Everywhere", "true")]
    public void Error_of_an_invalid_setting_names_it(string key, string value) =>
        Assert.StartsWith(
            "Demo: ", Assert.Throws<ConfigurationException>(
                () => Read("Development", Localhost, (key, value))).Message, StringComparison.Ordinal);

    private static DemoAccess Read(string environment, string issuer, params (string Key, string? Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = environment });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)));
        return DemoAccess.Read(builder.Configuration, builder.Environment, new Uri(issuer));
    }
}
