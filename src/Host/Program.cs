using Idoven.Ecgs;
using Idoven.Host.Contract;
using Idoven.Host.Http;
using Idoven.Host.Readiness;
using Idoven.Host.Telemetry;
using Idoven.Identity;
using Idoven.Shared.Audit;
using Idoven.Shared.Data;
using Idoven.Shared.Data.Configuration;
using Idoven.Shared.Messaging;
using Idoven.Shared.Web.Authorization;
using Idoven.Users;
using Microsoft.Extensions.Options;

namespace Idoven.Host;

public static class Program
{
    // As in sysexits.h, so that a supervisor can tell a wrong setting from a part that is not there yet.
    private const int ConfigurationExitCode = 78;
    private const int UnavailableExitCode = 69;
    private const int InternalErrorExitCode = 70;

    // More than the connections to the database of a host with all modules.
    private const int ReservedThreads = 64;

    /// <summary>
    /// Runs the service. With the verb <c>migrate</c> it brings the database up to this build and ends; <c>health</c> says whether the host
    /// that runs here is ready; <c>client</c> registers machine clients and grants what is granted on the host only; <c>account</c> helps who has
    /// lost every way into an account; <c>keys</c> lists, rotates and revokes what tokens are signed with; <c>reprocess</c> lets the engine of today
    /// analyse what earlier ones did; <c>accesses</c> exports who reached which ECG; <c>audit</c> compares the audit
    /// trail with its seals; <c>demo-accounts</c> lists and removes the demo accounts.
    /// </summary>
    public static async Task<int> Main(string[] args)
    {
        try
        {
            if (args is ["health", ..])
            {
                return await HealthVerb.Query(Builder(args).Configuration) ? 0 : UnavailableExitCode;
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

            await Run(app);
            return 0;
        }
        catch (Exception e)
        {
            var (code, text) = Describe(e);
            await Console.Error.WriteLineAsync(text);
            return code;
        }
    }

    /// <summary>
    /// Runs the service until it is asked to stop. A background service that ends with an exception ends the process at once and without a
    /// shutdown: a host that closes its ports first and lingers is missing for longer than one that a supervisor starts again.
    /// </summary>
    private static async Task Run(WebApplication app)
    {
        try
        {
            await app.StartAsync();
        }
        catch (Exception e)
        {
            ExitIfBackgroundServiceFailed(app.Services);
            if (e is OperationCanceledException && app.Lifetime.ApplicationStopping.IsCancellationRequested)
            {
                // Asked to stop while it was starting.
                return;
            }

            Exit(e);
        }

        app.Lifetime.ApplicationStopping.Register(() => ExitIfBackgroundServiceFailed(app.Services));
        await app.WaitForShutdownAsync();
    }

    /// <summary>To be called before the background services are asked to stop: one that has ended by then has failed.</summary>
    private static void ExitIfBackgroundServiceFailed(IServiceProvider services)
    {
        foreach (var service in services.GetServices<IHostedService>().OfType<BackgroundService>())
        {
            if (service.ExecuteTask is { IsCompleted: true, IsCompletedSuccessfully: false } failed)
            {
                try
                {
                    failed.GetAwaiter().GetResult();
                }
                catch (Exception e)
                {
                    Exit(e);
                }
            }
        }
    }

    private static (int ExitCode, string Text) Describe(Exception e) => e switch
    {
        ConfigurationException or OptionsValidationException => (ConfigurationExitCode, $"idoven: {e.Message}"),
        _ when DatabaseUnavailable.Is(e) || DatabaseUnavailable.IsTransient(e) =>
            (UnavailableExitCode, $"idoven: the database does not answer: {e.Message.ReplaceLineEndings(" ")}"),
        _ => (InternalErrorExitCode, $"idoven: internal error: {e}"),
    };

    private static void Exit(Exception e)
    {
        var (code, text) = Describe(e);
        Console.Error.WriteLine(text);
        Environment.Exit(code);
    }

    /// <summary>The whole host, composed of the modules that <c>Modules:Enabled</c> names (all of them by default).</summary>
    /// <param name="configure">Changes the services after the modules have registered theirs; null: nothing is changed.</param>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        ReserveThreads();
        var builder = Builder(args);
        var modules = EnabledModules.Read(builder.Configuration);
        builder.AddManagementPort();

        // What every module rests on.
        builder.AddTelemetry();
        builder.AddHttp(AllAccess());
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

        configure?.Invoke(builder);
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
        app.MapApiReference();
        return app;
    }

    /// <summary>Creates the scopes and policies of all modules, also of those that this host does not run.</summary>
    internal static AccessRules AllAccess()
    {
        var access = new AccessRules();
        access.AddEcgsAccess();
        access.AddUsersAccess();
        access.AddIdentityAccess();
        return access;
    }

    private static Func<IServiceProvider, string[], TextWriter, TextWriter, CancellationToken, Task<int>>? Verb(string[] args) => args switch
    {
        ["client", ..] => (services, words, output, errors, ct) => IdentityModule.RunClientVerb(services, words, Console.In, output, errors, ct),
        ["account", ..] => IdentityModule.RunAccountVerb,
        ["keys", ..] => IdentityModule.RunKeysVerb,
        ["reprocess", ..] => EcgsModule.RunReprocessVerb,
        ["accesses", ..] => EcgsModule.RunAccessesVerb,
        ["audit", ..] => AuditVerb.Run,
        ["demo-accounts", ..] => DemoAccountsVerb.Run,
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
        builder.Services.Configure<HostOptions>(host =>
            host.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.StopHost);
        return builder;
    }
}
