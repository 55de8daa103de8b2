using Idoven.Shared.Data.Configuration;

namespace Idoven.Host;

/// <summary>The modules of this host: <c>Modules:Enabled</c>, a comma-separated list; all modules if it is not set.</summary>
internal sealed class EnabledModules
{
    private static readonly string[] Known = ["Users", "Ecgs", "Identity"];
    private readonly HashSet<string> names;

    private EnabledModules(IEnumerable<string> names) => this.names = names.ToHashSet(StringComparer.OrdinalIgnoreCase);

    public static EnabledModules Read(IConfiguration configuration)
    {
        var value = configuration["Modules:Enabled"];
        if (string.IsNullOrWhiteSpace(value))
        {
            return new EnabledModules(Known);
        }

        var names = value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var unknown = names.Except(Known, StringComparer.OrdinalIgnoreCase).ToList();
        return unknown.Count == 0
            ? new EnabledModules(names)
            : throw new ConfigurationException(
                $"Modules:Enabled names {string.Join(", ", unknown)}: known are {string.Join(", ", Known)}.");
    }

    public bool Has(string module) => names.Contains(module);
}
