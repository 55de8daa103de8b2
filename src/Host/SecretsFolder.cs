using Idoven.Shared.Data.Configuration;

namespace Idoven.Host;

internal static class SecretsFolder
{
    private const string Key = "Secrets:Folder";

    /// <summary>
    /// Adds settings from files, one for each setting, named like the environment variable (<c>ConnectionStrings__ecgs</c>), as Docker and
    /// Kubernetes provide secrets. They override other sources.
    /// </summary>
    /// <exception cref="ConfigurationException"><c>Secrets:Folder</c> is set and is not a readable folder.</exception>
    public static void AddSecretsFolder(this IConfigurationManager configuration)
    {
        if (configuration[Key] is not { Length: > 0 } folder)
        {
            return;
        }

        try
        {
            configuration.AddKeyPerFile(Path.GetFullPath(folder));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{Key}: {folder} cannot be read: {e.Message}");
        }
    }
}
