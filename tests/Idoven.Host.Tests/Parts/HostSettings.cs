using System.Security.Cryptography;
using Npgsql;

namespace Idoven.Host.Tests.Parts;

/// <summary>What a host is told; several hosts may be told the same.</summary>
internal sealed record HostSettings(string Admin, Uri Broker)
{
    public static readonly string[] Modules = ["ecgs", "users", "identity"];

    /// <summary>Sealed keys in the database are opened by every host that shares it.</summary>
    public string MasterKey { get; init; } = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    /// <summary>The audit trail is sealed with it.</summary>
    public string SealKey { get; init; } = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    /// <summary>Of the server that takes e-mail on this machine; null: no e-mail is sent.</summary>
    public int? SmtpPort { get; init; }

    public string Issuer { get; init; } = "http://localhost/";

    /// <summary>A connection of the module's running role.</summary>
    public string ConnectionString(string module, int? maxPoolSize = null)
    {
        var role = new NpgsqlConnectionStringBuilder(Admin) { Username = $"{module}_app", Password = "test", SslMode = SslMode.Disable };
        if (maxPoolSize is { } size)
        {
            // A few connections serve many requests one after the other: those that wait need more time than by default.
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

        // Tests find what they did by its trace, also where they have no token.
        new("Telemetry:TrustTraceparent", "true"),

        // All tests have one address, and do not wait for a minute between two e-mails.
        new("Guesses:FreeOfAddress", "1000000"),
        new("EmailBounds:RecoveriesPerHour", "1000000"),
        new("EmailBounds:PausePerAddress", "00:00:00"),

        // Tests upload at the same time as others.
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

    /// <summary>What a host of one module alone is told: its own connection and nobody else's; master key and mail server are Identity's.</summary>
    public IEnumerable<KeyValuePair<string, string>> Of(string module) => AsConfiguration()
        .Where(pair => !pair.Key.StartsWith("ConnectionStrings:", StringComparison.Ordinal) || pair.Key == $"ConnectionStrings:{module}")
        .Where(pair => (pair.Key != "Auth:MasterKey" && !pair.Key.StartsWith("Smtp:", StringComparison.Ordinal)) || module == "identity")
        .Append(new("Modules:Enabled", module));
}
