using System.Security.Cryptography;
using Npgsql;

namespace Idoven.Host.Tests.Parts;

/// <summary>Represents the configuration of a host; several hosts may share it.</summary>
internal sealed record HostSettings(string Admin, Uri Broker)
{
    public static readonly string[] Modules = ["ecgs", "users", "identity"];

    /// <summary>Gets the key that encrypts the keys in the database; all hosts that share the database use it.</summary>
    public string MasterKey { get; init; } = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    /// <summary>Gets the key that seals the audit log.</summary>
    public string SealKey { get; init; } = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    /// <summary>Gets the port of the mail server on this machine; null if no e-mail is sent.</summary>
    public int? SmtpPort { get; init; }

    public string Issuer { get; init; } = "http://localhost/";

    /// <summary>Returns a connection string with the runtime role of the module.</summary>
    public string ConnectionString(string module, int? maxPoolSize = null)
    {
        var role = new NpgsqlConnectionStringBuilder(Admin) { Username = $"{module}_app", Password = "test", SslMode = SslMode.Disable };
        if (maxPoolSize is { } size)
        {
            // Few connections serve many requests in turn: requests that wait for one need more time than by default.
            (role.MaxPoolSize, role.Timeout) = (size, 15);
        }

        return role.ConnectionString;
    }

    public IEnumerable<KeyValuePair<string, string>> AsConfiguration() =>
    [
        .. Modules.Select(module => KeyValuePair.Create($"ConnectionStrings:{module}", ConnectionString(module))),
        new("ConnectionStrings:Migrations", Admin),
        new("Broker:Uri", Broker.AbsoluteUri),
        new("Auth:Issuer", Issuer),
        new("Auth:MasterKey", MasterKey),
        new("Audit:SealKey", SealKey),

        // Tests find their own actions by the trace, even without a token.
        new("Telemetry:TrustTraceparent", "true"),

        // All tests have one address, and must not wait a minute between two e-mails.
        new("Guesses:FreeOfAddress", "1000000"),
        new("EmailBounds:RecoveriesPerHour", "1000000"),
        new("EmailBounds:PausePerAddress", "00:00:00"),

        // Tests upload concurrently.
        new("Ecgs:UploadsPerCaller", "64"),
        new("Logging:LogLevel:Default", "Warning"),
        new("Logging:LogLevel:Microsoft.Hosting.Lifetime", "Warning"),
        new("environment", "Development"),
        new("Host:Drain", "00:00:00"),
        .. SmtpPort is { } port ? Smtp(port) : [],
    ];

    private static IEnumerable<KeyValuePair<string, string>> Smtp(int port) =>
    [
        new("Smtp:Host", "127.0.0.1"),
        new("Smtp:Port", $"{port}"),
        new("Smtp:Security", "none"),
        new("Smtp:From", "Idoven <no-reply@idoven.example>"),
    ];

    /// <summary>
    /// Returns the configuration of a host of one module: only its own connection; the master key and the mail server belong to Identity.
    /// </summary>
    public IEnumerable<KeyValuePair<string, string>> ForModule(string module) => AsConfiguration()
        .Where(pair => !pair.Key.StartsWith("ConnectionStrings:", StringComparison.Ordinal) || pair.Key == $"ConnectionStrings:{module}")
        .Where(pair => (pair.Key != "Auth:MasterKey" && !pair.Key.StartsWith("Smtp:", StringComparison.Ordinal)) || module == "identity")
        .Append(new("Modules:Enabled", module));
}
