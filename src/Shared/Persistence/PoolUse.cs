using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Shared.Persistence;

/// <summary>Which of a module's two connection pools the services of a scope use. A scope of an HTTP request uses the default.</summary>
public sealed class PoolUse
{
    /// <summary>Gets whether the scope belongs to a consumer or a background job.</summary>
    public bool IsBackground { get; internal set; }
}

public static class BackgroundScope
{
    /// <summary>Creates a scope whose DbContext and other database access use the background pool of its module.</summary>
    public static AsyncServiceScope CreateBackgroundScope(this IServiceScopeFactory scopes) => Mark(scopes.CreateAsyncScope());

    /// <summary>Creates a scope whose DbContext and other database access use the background pool of its module.</summary>
    public static AsyncServiceScope CreateBackgroundScope(this IServiceProvider services) => Mark(services.CreateAsyncScope());

    private static AsyncServiceScope Mark(AsyncServiceScope scope)
    {
        scope.ServiceProvider.GetRequiredService<PoolUse>().IsBackground = true;
        return scope;
    }
}
