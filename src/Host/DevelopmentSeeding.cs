using Idoven.Shared.Data;
using Idoven.Shared.Data.Configuration;
using Idoven.Shared.Web.Authorization;

namespace Idoven.Host;

/// <summary>
/// Creates the demo users and clients of each enabled module before a host with demo access serves requests. A host without demo
/// access does not start on a database that has them: anyone could sign in with their published passwords.
/// </summary>
internal sealed class DevelopmentSeeding(
    IServiceScopeFactory scopes, DemoAccess access, IHostEnvironment environment, ILogger<DevelopmentSeeding> logger) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreatePatientScope();
        if (access.IsAllowed)
        {
            foreach (var seed in scope.ServiceProvider.GetServices<IDevelopmentSeed>())
            {
                await seed.Seed(cancellationToken);
            }

            return;
        }

        if (environment.IsDevelopment())
        {
            logger.LogWarning(
                "There are no demo users, no demo clients and no password grant: {Reason}. Demo:Anywhere=true allows them nevertheless",
                access.Rejection);
        }

        if (await DemoAccountsVerb.List(scope.ServiceProvider, cancellationToken) is [_, ..] names)
        {
            throw new ConfigurationException(
                $"The database has demo accounts, whose passwords and secrets are published: {string.Join(", ", names)}. "
                + $"They are not allowed here: {access.Rejection}. "
                + "Remove them, with all that they own: dotnet Idoven.Host.dll demo-accounts remove");
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
