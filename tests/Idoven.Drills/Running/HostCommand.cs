using System.Diagnostics;

namespace Idoven.Drills.Running;

/// <summary>Creates the command and the settings of a host process.</summary>
internal static class HostCommand
{
    private static readonly string[] Modules = ["ecgs", "users", "identity"];

    /// <summary>Returns the settings of a host: those of production, with its connections through the proxies.</summary>
    /// <param name="host">The host; null for the verb <c>migrate</c>, which connects directly.</param>
    public static Dictionary<string, string> Settings(
        Servers servers, string database, string virtualHost, string masterKey, DrillHost? host = null)
    {
        var settings = Modules.ToDictionary(
            module => $"ConnectionStrings:{module}", module => servers.Database(database, $"{module}_app", host?.Database.Port));
        settings["Broker:Uri"] = servers.Broker(virtualHost, port: host?.Broker.Port).AbsoluteUri;
        settings["Auth:Issuer"] = "http://localhost/";
        settings["Auth:MasterKey"] = masterKey;
        settings["environment"] = "Development";

        // All clients of the load have the same address.
        settings["Guesses:FreeOfAddress"] = "1000000";

        // A log record is one line, so that records can be counted.
        settings["Logging:Console:FormatterName"] = "simple";
        settings["Logging:Console:FormatterOptions:SingleLine"] = "true";
        if (host is null)
        {
            settings["ConnectionStrings:Migrations"] = servers.Database(database);
        }
        else
        {
            settings["urls"] = host.Address.AbsoluteUri;
            settings["Management:Port"] = $"{host.ManagementPort}";
        }

        return settings;
    }

    public static IEnumerable<string> Arguments(string hostFolder, string[] words, IReadOnlyDictionary<string, string> settings) =>
        [Path.Combine(hostFolder, "Idoven.Host.dll"), .. words, .. Options(settings)];

    /// <param name="more">Additional settings; they override the usual ones.</param>
    public static ProcessStartInfo Start(
        string hostFolder, Servers servers, string database, string virtualHost, string masterKey, DrillHost host,
        IReadOnlyDictionary<string, string>? more = null)
    {
        var settings = Settings(servers, database, virtualHost, masterKey, host);
        foreach (var (key, value) in more ?? new Dictionary<string, string>())
        {
            settings[key] = value;
        }

        return Redirected(Arguments(hostFolder, [], settings));
    }

    /// <summary>Returns the command for the host of <see cref="AlteredHost"/>.</summary>
    public static ProcessStartInfo StartAltered(
        Servers servers, string database, string virtualHost, string masterKey, DrillHost host, IReadOnlyDictionary<string, string> more)
    {
        var settings = Settings(servers, database, virtualHost, masterKey, host);
        foreach (var (key, value) in more)
        {
            settings[key] = value;
        }

        return Redirected([Path.Combine(AppContext.BaseDirectory, "Idoven.Drills.dll"), AlteredHost.Verb, .. Options(settings)]);
    }

    private static ProcessStartInfo Redirected(IEnumerable<string> arguments) => new("dotnet", arguments)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };

    private static IEnumerable<string> Options(IReadOnlyDictionary<string, string> settings) =>
        settings.Select(pair => $"--{pair.Key}={pair.Value}");
}
