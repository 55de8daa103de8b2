using Idoven.Shared.Persistence;

namespace Idoven.Host;

/// <summary>In Development, each enabled module makes its half of the demo users and clients before the host serves.</summary>
internal sealed class DevelopmentSeeding(IServiceScopeFactory scopes, IHostEnvironment environment) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!environment.IsDevelopment())
        {
            return;
        }

        await using var scope = scopes.CreatePatientScope();
        foreach (var seed in scope.ServiceProvider.GetServices<IDevelopmentSeed>())
        {
            await seed.Seed(cancellationToken);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
