using Idoven.Ecgs.Application.Accesses;
using Idoven.Shared.Data.Configuration;
using Microsoft.Extensions.Configuration;

namespace Idoven.Ecgs.Tests.Application.Accesses;

public sealed class AccessOptionsTests
{
    [Fact]
    public void Defaults_are_the_documented_values() =>
        Assert.Equal((400, 50_000), (Options().KeepDays, Options().Buffer));

    [Theory]
    [InlineData("Access:KeepDays", "29")]
    [InlineData("Access:KeepDays", "40000")]
    [InlineData("Access:KeepDays", "always")]
    [InlineData("Access:Buffer", "0")]
    [InlineData("Access:Keep", "400")]
    public void Invalid_setting_is_named_in_one_line(string key, string value)
    {
        var message = Assert.Throws<ConfigurationException>(() => Options((key, value))).Message;

        Assert.Contains(key.Split(':')[1], message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    private static AccessOptions Options(params (string Key, string? Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, setting => setting.Value)).Build()
            .Read<AccessOptions>("Access");
}
