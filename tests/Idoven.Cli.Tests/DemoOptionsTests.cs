using Idoven.Cli.Errors;
using Idoven.Cli.Recordings;

namespace Idoven.Cli.Tests;

public sealed class DemoOptionsTests
{
    [Fact]
    public void Default_is_the_demo_user_and_a_synthetic_ECG()
    {
        var options = DemoOptions.Parse([]);
        Assert.Null(options.File);
        Assert.Null(options.Amqp);
        Assert.Equal(new Uri("http://localhost:8080"), options.Url);
        Assert.Equal(TimeSpan.FromSeconds(60), options.Timeout);
        Assert.Equal(
            "grant_type=password client_id=idoven-cli username=user password=user-demo-password scope=ecgs:read ecgs:write",
            Form(options.Credentials));
    }

    [Fact]
    public void Every_option_is_parsed()
    {
        var options = DemoOptions.Parse(
        [
            "--url", "https://ecg.example.org", "a.csv", "--amqp", "amqp://u:p@host:5/", "--client", "c", "--secret", "s",
            "--timeout", "2.5", "--scale", "1000", "--fs", "500", "--json",
        ]);
        Assert.Equal(
            ("a.csv", new Uri("https://ecg.example.org"), new Uri("amqp://u:p@host:5/"), true),
            (options.File, options.Url, options.Amqp, options.IsJson));
        Assert.Equal((TimeSpan.FromSeconds(2.5), new CsvOptions(1000, 500)), (options.Timeout, options.Csv));
        Assert.Equal("grant_type=client_credentials client_id=c client_secret=s scope=ecgs:read ecgs:write", Form(options.Credentials));
    }

    [Fact]
    public void Credentials_as_text_do_not_contain_the_secret()
    {
        var credentials = DemoOptions.Parse(["--user", "me", "--password", "word"]).Credentials;
        Assert.DoesNotContain("word", credentials.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--bogus is not an option of demo.", "--bogus")]
    [InlineData("--url needs a value.", "--url")]
    [InlineData("--url must be an address that starts with http://.", "--url", "localhost:8080")]
    [InlineData("--amqp must be an address that starts with amqp://.", "--amqp", "http://localhost")]
    [InlineData("--timeout must be a number greater than 0, not '0'.", "--timeout", "0")]
    [InlineData("--scale must be a number greater than 0, not 'x'.", "--scale", "x", "a.csv")]
    [InlineData("demo takes one recording, so b.csv is not expected.", "a.csv", "b.csv")]
    [InlineData("Give --user with --password, or --client with --secret, or none of these.", "--user", "me")]
    [InlineData(
        "Give --user with --password, or --client with --secret, or none of these.",
        "--user", "a", "--password", "b", "--client", "c", "--secret", "d")]
    [InlineData("--scale and --fs are only for CSV files.", "--fs", "500")]
    public void Invalid_command_line_is_reported(string message, params string[] arguments)
    {
        var error = Assert.Throws<UsageException>(() => DemoOptions.Parse(arguments));
        Assert.Equal((message, CliException.Usage), (error.Message, error.ExitCode));
    }

    private static string Form(Credentials credentials) => string.Join(' ', credentials.Form.Select(field => $"{field.Key}={field.Value}"));
}
