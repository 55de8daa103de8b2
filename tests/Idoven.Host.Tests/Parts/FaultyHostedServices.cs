using System.Runtime.Loader;
using Idoven.Host.Tests.Parts;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

[assembly: HostingStartup(typeof(FaultyHostedServices))]

namespace Idoven.Host.Tests.Parts
{
    /// <summary>Adds a hosted service that throws to a host process whose environment asks for it.</summary>
    public sealed class FaultyHostedServices : IHostingStartup
    {
        /// <summary>The text that is written to standard error before the exception is thrown.</summary>
        public const string Line = "the hosted service of a test throws";

        private const string Variable = "IDOVEN_TEST_FAULT";

        /// <summary>Gets the environment of a host process with such a service.</summary>
        /// <param name="fault">When and what it throws.</param>
        internal static Dictionary<string, string> Environment(HostFault fault) => new()
        {
            [Variable] = $"{fault}",
            ["DOTNET_STARTUP_HOOKS"] = typeof(FaultyHostedServices).Assembly.Location,
            ["ASPNETCORE_HOSTINGSTARTUPASSEMBLIES"] = typeof(FaultyHostedServices).Assembly.GetName().Name!,
        };

        public void Configure(IWebHostBuilder builder) => builder.ConfigureServices(services =>
        {
            // Called for every host of this test process too, because its application is this assembly.
            if (!Enum.TryParse<HostFault>(System.Environment.GetEnvironmentVariable(Variable), out var fault))
            {
                return;
            }

            switch (fault)
            {
                case HostFault.StartThrows:
                    services.AddHostedService<ThrowsAtStart>();
                    break;
                case HostFault.JobThrows:
                    services.AddHostedService(provider => Throwing(provider, new InvalidOperationException("broken by a test")));
                    break;
                case HostFault.JobIsCanceled:
                    services.AddHostedService(provider => Throwing(provider, new TaskCanceledException("broken by a test")));
                    break;
            }
        });

        private static ThrowsLater Throwing(IServiceProvider provider, Exception exception) =>
            new(provider.GetRequiredService<IHostApplicationLifetime>(), exception);

        private sealed class ThrowsAtStart : IHostedService
        {
            public Task StartAsync(CancellationToken cancellationToken)
            {
                Console.Error.WriteLine(Line);
                throw new InvalidOperationException("broken by a test");
            }

            public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        }

        private sealed class ThrowsLater(IHostApplicationLifetime lifetime, Exception exception) : BackgroundService
        {
            protected override async Task ExecuteAsync(CancellationToken stoppingToken)
            {
                var started = new TaskCompletionSource();
                await using var registration = lifetime.ApplicationStarted.Register(() => started.SetResult());
                await started.Task;
                await Console.Error.WriteLineAsync(Line);
                throw exception;
            }
        }
    }

    /// <summary>Represents a fault in the host process.</summary>
    public enum HostFault
    {
        /// <summary>A hosted service throws while the host starts.</summary>
        StartThrows,

        /// <summary>A background service throws while the host serves.</summary>
        JobThrows,

        /// <summary>A background service ends as canceled while the host serves, as a call to a silent broker does.</summary>
        JobIsCanceled,
    }
}

/// <summary>Runs in the host process before its Main: lets it load this assembly and its dependencies.</summary>
internal static class StartupHook
{
    public static void Initialize() => AssemblyLoadContext.Default.Resolving += (context, name) =>
    {
        var path = Path.Combine(AppContext.BaseDirectory, $"{name.Name}.dll");
        return File.Exists(path) ? context.LoadFromAssemblyPath(path) : null;
    };
}
