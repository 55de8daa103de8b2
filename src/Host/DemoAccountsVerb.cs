using Idoven.Shared.Data;

namespace Idoven.Host;

/// <summary>The verb <c>demo-accounts</c>: lists and removes the demo users and clients of the enabled modules.</summary>
internal static class DemoAccountsVerb
{
    private const string Usage = """
        demo-accounts list      prints the demo users and clients of the database
        demo-accounts remove    removes them permanently: they are not created again. Running hosts erase the ECGs that they own
        """;

    // As in sysexits.h.
    private const int UsageExitCode = 64;

    /// <returns>The exit code.</returns>
    public static async Task<int> Run(IServiceProvider services, string[] words, TextWriter output, TextWriter errors, CancellationToken ct)
    {
        if (words is not (["list"] or ["remove"]))
        {
            await errors.WriteLineAsync(Usage);
            return UsageExitCode;
        }

        await using var scope = services.CreatePatientScope();
        var names = await List(scope.ServiceProvider, ct);
        foreach (var seed in words is ["remove"] ? scope.ServiceProvider.GetServices<IDevelopmentSeed>() : [])
        {
            await seed.Remove(ct);
        }

        foreach (var name in names)
        {
            await output.WriteLineAsync(words is ["remove"] ? $"removed {name}" : name);
        }

        return 0;
    }

    /// <summary>Returns the names of the demo users and clients that the databases of the enabled modules have, each once.</summary>
    public static async Task<IReadOnlyList<string>> List(IServiceProvider services, CancellationToken ct)
    {
        var names = new List<string>();
        foreach (var seed in services.GetServices<IDevelopmentSeed>())
        {
            names.AddRange((await seed.List(ct)).Except(names));
        }

        return names;
    }
}
