using Idoven.Shared.Data.Configuration;

namespace Idoven.Host;

internal static class SecretsFolder
{
    private const string Key = "Secrets:Folder";

    /// <summary>
    /// Settings that stand in files, one each, named as the environment variable would be (<c>ConnectionStrings__ecgs</c>): how Docker and
    /// Kubernetes hand secrets over. They win over other sources.
    /// </summary>
    /// <exception cref="ConfigurationException"><c>Secrets:Folder</c> is set and no folder that can be read.</exception>
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
