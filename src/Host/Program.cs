using Idoven.Ecgs;
using Idoven.Host;
using Idoven.Host.Contract;
using Idoven.Identity;
using Idoven.Shared.Configuration;
using Idoven.Shared.Http;
using Idoven.Shared.Http.Readiness;
using Idoven.Shared.Messaging;
using Idoven.Shared.Persistence;
using Idoven.Shared.Telemetry;
using Idoven.Users;
using Microsoft.Extensions.Options;
using Scalar.AspNetCore;

namespace Idoven.Host;

public static class Program
{
    // As in sysexits.h, so that a supervisor can tell a wrong setting from a part that is not there yet.
    private const int ConfigurationExitCode = 78;
    private const int UnavailableExitCode = 69;

    // More than the connections to the database of a host with all modules.
    private const int ReservedThreads = 64;

    /// <summary>
    /// Runs the service. With the verb <c>migrate</c> it brings the database up to this build and ends; <c>health</c> says whether the host
    /// that runs here is ready; <c>client</c> registers machine clients and grants what is granted on the host only; <c>account</c> helps who has
    /// lost every way into an account; <c>keys</c> lists, rotates and revokes what tokens are signed with; <c>reprocess</c> lets the engine of today
    /// analyse what earlier ones did.
    /// </summary>
    public static async Task<int> Main(string[] args)
    {
        try
        {
            if (args is ["health", ..])
            {
                return await Readiness.Ask(Builder(args).Configuration) ? 0 : UnavailableExitCode;
            }

            await using var app = Build(args);
            if (args is ["migrate", ..])
            {
                await DatabaseMigrator.Run(app.Services, app.Lifetime.ApplicationStopping);
                return 0;
            }

            if (Verb(args) is { } verb)
            {
                string[] said = [.. args.Skip(1).Where(word => !word.StartsWith("--", StringComparison.Ordinal))];
                return await verb(app.Services, said, Console.Out, Console.Error, app.Lifetime.ApplicationStopping);
            }

            await app.RunAsync();
            return 0;
        }
        catch (Exception e) when (e is ConfigurationException or OptionsValidationException)
        {
            await Console.Error.WriteLineAsync($"idoven: {e.Message}");
            return ConfigurationExitCode;
        }
        catch (Exception e) when (DatabaseAway.Is(e))
        {
            await Console.Error.WriteLineAsync($"idoven: the database does not answer: {e.Message.ReplaceLineEndings(" ")}");
            return UnavailableExitCode;
        }
    }

    /// <summary>The whole host, composed of the modules that <c>Modules:Enabled</c> names (all of them by default).</summary>
    public static WebApplication Build(string[] args)
    {
        ReserveThreads();
        var builder = Builder(args);
        var modules = EnabledModules.Read(builder.Configuration);
        builder.AddManagementPort();

        // What every module rests on.
        builder.AddTelemetry();
        builder.AddHttp();
        builder.Services.AddApiDocument();
        builder.Services.AddHostedService<DevelopmentSeeding>();

        // The modules: each its own schema, its own roles, its own audience.
        if (modules.Has("Users")) { builder.AddUsers(); }
        if (modules.Has("Ecgs")) { builder.AddEcgs(); }
        if (modules.Has("Identity")) { builder.AddIdentity(); }

        // One bus. Every host declares the queues of all modules: what is sent before a module's first start waits for it.
        builder.AddBus(bus =>
        {
            bus.AddUsersConsumers();
            bus.AddEcgsConsumers();
            bus.AddIdentityConsumers();
        });

        var app = builder.Build();
        app.UseHttp();
        if (modules.Has("Users")) { app.MapUsers(); }
        if (modules.Has("Ecgs")) { app.MapEcgs(); }
        if (modules.Has("Identity")) { app.MapIdentity(); }

        app.MapHealth();
        app.MapMetrics();
        app.MapProblemPages();
        app.MapOpenApi().AllowAnonymous();
        app.MapAsyncApi();
        app.MapScalarApiReference("/docs").AllowAnonymous();
        return app;
    }

    private static Func<IServiceProvider, string[], TextWriter, TextWriter, CancellationToken, Task<int>>? Verb(string[] args) => args switch
    {
        ["client", ..] => (services, words, output, errors, ct) => IdentityModule.RunClientVerb(services, words, Console.In, output, errors, ct),
        ["account", ..] => IdentityModule.RunAccountVerb,
        ["keys", ..] => IdentityModule.RunKeysVerb,
        ["reprocess", ..] => EcgsModule.RunReprocessVerb,
        _ => null,
    };

    /// <summary>
    /// Npgsql blocks a thread while it asks a server that does not answer to cancel a statement, for each connection. The thread pool adds two
    /// threads a second, so without these the other requests would wait.
    /// </summary>
    private static void ReserveThreads()
    {
        ThreadPool.GetMinThreads(out var workers, out var completions);
        ThreadPool.SetMinThreads(Math.Max(workers, ReservedThreads), completions);
    }

    private static WebApplicationBuilder Builder(string[] args)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddSecretsFolder();
        return builder;
    }
}
