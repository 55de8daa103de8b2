using Idoven.Identity.Infrastructure.TokenServer;
using Idoven.Shared.Configuration;
using Microsoft.Extensions.Hosting;

namespace Idoven.Identity.Tests.Infrastructure.TokenServer;

public sealed class PasswordGrantTests
{
    [Theory]
    [InlineData("Development", "http://localhost:8080/", true)]
    [InlineData("Development", "http://127.0.0.1:8080/", true)]
    [InlineData("Development", "https://ecg.example.org/", false)]
    [InlineData("Development", "https://localhost.example.org/", false)]
    [InlineData("Production", "http://localhost:8080/", false)]
    [InlineData("Staging", "http://localhost:8080/", false)]
    public void Passwords_are_taken_in_development_on_ones_own_machine_alone(string environment, string issuer, bool allowed) =>
        Assert.Equal(allowed, TokenServerExtensions.AllowsPasswords(Builder(environment, issuer)));

    [Theory, InlineData(null), InlineData(""), InlineData("ecg.example.org")]
    public void A_missing_issuer_is_told_in_one_line(string? issuer)
    {
        var message = Assert.Throws<ConfigurationException>(() => TokenServerExtensions.AllowsPasswords(Builder("Development", issuer))).Message;
        Assert.StartsWith("Auth:Issuer is not set: ", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    private static HostApplicationBuilder Builder(string environment, string? issuer)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = environment });
        builder.Configuration["Auth:Issuer"] = issuer;
        return builder;
    }
}
