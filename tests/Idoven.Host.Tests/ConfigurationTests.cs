using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests;

/// <summary>Tests that a missing or weak setting stops the host with one line that says what to set.</summary>
public sealed class ConfigurationTests(RunningParts parts)
{
    [Theory]
    [InlineData("Auth:Issuer", "", "Auth:Issuer is not set")]
    [InlineData("Auth:Issuer", "localhost", "Auth:Issuer is not set")]
    [InlineData("Auth:Issuer", "https://example.org/ecg/", "Auth:Issuer has more than a scheme, a host and a port")]
    [InlineData("Auth:MasterKey", "", "Auth:MasterKey is not set")]
    [InlineData("Auth:MasterKey", "c2hvcnQ=", "Auth:MasterKey is not 32 bytes in base64")]
    [InlineData("Auth:MasterKey", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "Auth:MasterKey is not random")]
    [InlineData("Auth:MasterKey", "1LKg4bnqQ0ww4fOqzMDHMwIQZcQ3cJ5V3FtY9Jmn0Vo=", "Auth:MasterKey does not open the keys in the database")]
    [InlineData("Auth:AccessTokenLifetime", "01:00:01", "Auth:AccessTokenLifetime: give 1 to 60 minutes")]
    [InlineData("Auth:SessionLifetime", "00:10:00", "Auth:SessionLifetime: give an hour to 1000 days")]
    [InlineData("Auth:BrowserIdle", "1.00:00:00", "Auth:BrowserIdle: give a minute to 12 hours")]
    [InlineData("Auth:SessionLifetime", "permanent", "Auth:SessionLifetime: give an hour to 1000 days")]
    [InlineData("Auth:RequireSecondFactor", "yes", "Auth:RequireSecondFactor is not valid")]
    [InlineData("Smtp:Security", "ssl", "Smtp:Security is not valid")]
    [InlineData("Smtp:Port", "smtp", "Smtp:Port is not a port")]
    [InlineData("Smtp:Port", "0", "Smtp:Port is not a port")]
    [InlineData("Smtp:From", "", "Smtp:From is not an e-mail address")]
    [InlineData("Smtp:User", "idoven", "Smtp:User and Smtp:Password belong together")]
    [InlineData("Smtp:Password", "secret", "Smtp:User and Smtp:Password belong together")]
    [InlineData("EmailBounds:PausePerAddress", "2.00:00:00", "EmailBounds:PausePerAddress: give 0 to 24 hours")]
    [InlineData("EmailBounds:NoticesPerDay", "0", "EmailBounds:NoticesPerDay: ")]
    [InlineData("Keys:RotateAfter", "12:00:00", "Keys:RotateAfter: give 1 to 1000 days")]
    [InlineData("Proxies:Known", "10.0.0.1, nginx", "Proxies:Known names nginx")]
    [InlineData("Proxies:Hops", "0", "Proxies:Hops is 0")]
    [InlineData("Users:Erasure:Grace", "100.00:00:00", "Users:Erasure:Grace: give 0 to 90 days")]
    [InlineData("FORWARDEDHEADERS_ENABLED", "true", "ASPNETCORE_FORWARDEDHEADERS_ENABLED trusts every proxy")]
    [InlineData("Broker:Uri", "", "Broker:Uri is not set")]
    [InlineData("Broker:Uri", "http://localhost", "Broker:Uri is not set")]
    [InlineData("ConnectionStrings:ecgs", "", "ConnectionStrings:ecgs is not set")]
    [InlineData("ConnectionStrings:users", "Nonsense=1", "ConnectionStrings:users cannot be read")]
    [InlineData("Ecgs:MaxSamples", "0", "Ecgs:MaxSamples")]
    [InlineData("Ecgs:MaxSamples", "many", "Ecgs: Failed to convert configuration value 'many' at 'Ecgs:MaxSamples'")]
    [InlineData("Modules:Enabled", "Ecgs,Billing", "Modules:Enabled names Billing")]
    [InlineData("Management:Port", "none", "Management:Port is not a port")]
    [InlineData("Secrets:Folder", "/nowhere", "Secrets:Folder: /nowhere cannot be read")]
    public Task Invalid_setting_stops_the_host_with_one_line_that_names_it(string key, string value, string expected) =>
        Stops(expected, (key, value));

    [Fact]
    public Task Plain_http_issuer_outside_development_must_be_loopback() =>
        Stops("Auth:Issuer is http://ecg.example.org/", ("environment", "Production"), ("Auth:Issuer", "http://ecg.example.org/"));

    [Fact]
    public Task Smtp_password_without_tls_is_rejected() =>
        Stops("Smtp:Password would be sent in clear", ("Smtp:User", "idoven"), ("Smtp:Password", "secret"), ("Smtp:Security", "none"));

    [Fact]
    public async Task Unavailable_database_is_reported_in_one_line()
    {
        var configuration = parts.Settings.AsConfiguration().ToDictionary();
        configuration["urls"] = $"http://127.0.0.1:{FreePort.Take()}";
        configuration["Management:Port"] = $"{FreePort.Take()}";
        foreach (var module in HostSettings.Modules)
        {
            configuration[$"ConnectionStrings:{module}"] =
                $"Host=127.0.0.1;Port={FreePort.Take()};Database=none;Username={module}_app;Password=x";
        }

        var (exitCode, errors) = await Run(configuration);

        Assert.Equal(69, exitCode);
        Assert.StartsWith(
            "idoven: the database does not answer",
            Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_from_files_take_precedence()
    {
        var folder = Directory.CreateTempSubdirectory("idoven-test-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "Broker__Uri"), "http://from-a-file/\n");
        var configuration = parts.Settings.AsConfiguration().ToDictionary();
        configuration["Secrets:Folder"] = folder;

        var (exitCode, errors) = await Run(configuration);

        Directory.Delete(folder, recursive: true);
        Assert.Equal(78, exitCode);
        Assert.StartsWith("idoven: Broker:Uri is not set", errors, StringComparison.Ordinal);
    }

    private async Task Stops(string expected, params (string Key, string Value)[] wrong)
    {
        var configuration = parts.Settings.AsConfiguration().ToDictionary();
        configuration["urls"] = $"http://127.0.0.1:{FreePort.Take()}";
        configuration["Management:Port"] = $"{FreePort.Take()}";
        foreach (var (key, value) in wrong)
        {
            configuration[key] = value;
        }

        var (exitCode, errors) = await Run(configuration);

        Assert.Equal(78, exitCode);
        var line = Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith($"idoven: {expected}", line, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Errors)> Run(Dictionary<string, string> configuration)
    {
        using var process = HostProcess.Run(configuration);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            var errors = await process.StandardError.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return (process.ExitCode, errors);
        }
        finally
        {
            process.Kill();
        }
    }
}
