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
    // As in sysexits.h: a supervisor can distinguish a wrong setting from a database that is not available yet.
    private const int ConfigurationExitCode = 78;
    private const int UnavailableExitCode = 69;
    private const int InternalErrorExitCode = 70;

    // More than the connections to the database of a host with all modules.
    private const int ReservedThreads = 64;

    /// <summary>
    /// Runs the service, or one verb. <c>migrate</c> migrates the database to this build; <c>health</c> reports whether the host on this
    /// machine is ready; <c>client</c> registers machine clients and grants the scopes that are granted on the host only; <c>account</c>
    /// restores access to an account; <c>keys</c> lists, rotates and revokes the signing keys; <c>reprocess</c> analyses ECGs of earlier
    /// engine versions again; <c>accesses</c> exports the access log; <c>audit</c> compares the audit log with its seals;
    /// <c>demo-accounts</c> lists and removes the demo accounts.
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
    /// Runs the service until it is asked to stop. If a background service ends with an exception, the process ends at once, without a
    /// shutdown: its supervisor can then restart it sooner.
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
                // The host was asked to stop during its start.
                return;
            }

            Exit(e);
        }

        app.Lifetime.ApplicationStopping.Register(() => ExitIfBackgroundServiceFailed(app.Services));
        await app.WaitForShutdownAsync();
    }

    /// <summary>Ends the process if a background service has ended. Must be called before the services are asked to stop.</summary>
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

    /// <summary>Creates the host with the modules that <c>Modules:Enabled</c> names (all by default).</summary>
    /// <param name="configure">Changes the services after the modules have registered theirs; may be null.</param>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        ReserveThreads();
        var builder = Builder(args);
        var modules = EnabledModules.Read(builder.Configuration);
        builder.AddManagementPort();

        // The infrastructure of every module.
        builder.AddTelemetry();
        builder.AddHttp(AllAccess());
        builder.Services.AddApiDocument();
        builder.Services.AddHostedService<DevelopmentSeeding>();

        // Each module has its own schema, database roles and audience.
        if (modules.Has("Users")) { builder.AddUsers(); }
        if (modules.Has("Ecgs")) { builder.AddEcgs(); }
        if (modules.Has("Identity")) { builder.AddIdentity(); }

        // Every host declares the queues of all modules, so that a message sent before the first start of a module waits for it.
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

    private static Func<IServiceProvider, string[], TextWriter, TextWriter, CancellationToken, Task<int>>? Verb(string[] args) =>
        args switch
        {
            ["client", ..] => (services, words, output, errors, ct) =>
                IdentityModule.RunClientVerb(services, words, Console.In, output, errors, ct),
            ["account", ..] => IdentityModule.RunAccountVerb,
            ["keys", ..] => IdentityModule.RunKeysVerb,
            ["reprocess", ..] => EcgsModule.RunReprocessVerb,
            ["accesses", ..] => EcgsModule.RunAccessesVerb,
            ["audit", ..] => AuditVerb.Run,
            ["demo-accounts", ..] => DemoAccountsVerb.Run,
            _ => null,
        };

    /// <summary>
    /// Reserves threads. For each connection to a server that does not respond, Npgsql blocks a thread while it cancels a statement. The
    /// pool adds only two threads a second, so without the reserve other requests would wait.
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
