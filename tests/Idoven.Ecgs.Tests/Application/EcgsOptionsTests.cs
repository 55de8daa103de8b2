using Idoven.Ecgs.Application;
using Idoven.Shared.Data.Configuration;
using Microsoft.Extensions.Configuration;

namespace Idoven.Ecgs.Tests.Application;

public sealed class EcgsOptionsTests
{
    [Fact]
    public void Defaults_are_the_documented_limits()
    {
        var options = Options();
        Assert.Equal((100_000_000, 1L << 30, 1L << 30), (options.MaxSamples, options.MaxBodyBytes, options.SignalBudgetBytes));
        Assert.Equal((256, 8), (options.Downloads, options.DownloadsPerCaller));
        Assert.Equal((256, 8, (long?)null), (options.Uploads, options.UploadsPerCaller, options.SamplesPerOwner));
        Assert.Equal([TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15)], options.Waits);
        Assert.Equal((TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(15)), (options.SafetyNet, options.Backlog));
    }

    [Fact]
    public void Configured_values_replace_the_defaults()
    {
        var options = Options(
            ("Ecgs:MaxSamples", "5"), ("Ecgs:RetryAfter:0", "00:00:01"), ("Ecgs:RetryAfter:1", "00:00:02"), ("Ecgs:SafetyNet", "00:01:00"));
        Assert.Equal((5, TimeSpan.FromMinutes(1)), (options.MaxSamples, options.SafetyNet));
        Assert.Equal([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)], options.Waits);
    }

    [Theory]
    [InlineData("Ecgs:MaxSamples", "0")]
    [InlineData("Ecgs:MaxSamples", "many")]
    [InlineData("Ecgs:MaxBodyBytes", "-1")]
    [InlineData("Ecgs:SignalBudgetBytes", "1")]
    [InlineData("Ecgs:Downloads", "0")]
    [InlineData("Ecgs:Uploads", "0")]
    [InlineData("Ecgs:UploadsPerCaller", "0")]
    [InlineData("Ecgs:SamplesPerOwner", "0")]
    [InlineData("Ecgs:SamplesPerOwner", "unlimited")]
    [InlineData("Ecgs:DownloadsPerCaller", "0")]
    [InlineData("Ecgs:SafetyNet", "soon")]
    [InlineData("Ecgs:Backlog", "soon")]
    [InlineData("Ecgs:Backlog", "-00:01:00")]
    [InlineData("Ecgs:RetryAfter:0", "soon")]
    [InlineData("Ecgs:MaxSample", "5")]
    public void Invalid_setting_is_named_in_one_line(string key, string value)
    {
        var message = Assert.Throws<ConfigurationException>(() => Options((key, value))).Message;
        Assert.Contains(key.Split(':')[1], message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    private static EcgsOptions Options(params (string Key, string? Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, setting => setting.Value)).Build()
            .Read<EcgsOptions>("Ecgs");
}
