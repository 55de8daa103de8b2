using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Shared.Data;

/// <summary>Runs a piece of work in a scope of its own: with its own DbContext and the background connection pool of the module.</summary>
public sealed class BackgroundWork(IServiceScopeFactory scopes)
{
    /// <summary>Runs work with a service of a new scope, and returns its result.</summary>
    public async Task<TResult> Run<TService, TResult>(Func<TService, Task<TResult>> work)
        where TService : notnull
    {
        await using var scope = scopes.CreateBackgroundScope();
        return await work(scope.ServiceProvider.GetRequiredService<TService>());
    }

    /// <summary>Runs work as <see cref="Run"/> does, for a verb: its statements may wait for up to 30 s.</summary>
    public async Task<TResult> RunPatiently<TService, TResult>(Func<TService, Task<TResult>> work)
        where TService : notnull
    {
        await using var scope = scopes.CreatePatientScope();
        return await work(scope.ServiceProvider.GetRequiredService<TService>());
    }
}
