using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Shared.Data;

/// <summary>Which of a module's two connection pools the services of a scope use. A scope of an HTTP request uses the default.</summary>
public sealed class PoolUse
{
    /// <summary>Gets whether the scope belongs to a consumer or a background job.</summary>
    public bool IsBackground { get; internal set; }

    /// <summary>
    /// Gets whether its statements may wait as long as a start or a verb does, which no leadership and no message depends on.
    /// </summary>
    public bool IsPatient { get; internal set; }
}

public static class BackgroundScope
{
    /// <summary>Creates a scope whose DbContext and other database access use the background pool of its module.</summary>
    public static AsyncServiceScope CreateBackgroundScope(this IServiceScopeFactory scopes) => Mark(scopes.CreateAsyncScope());

    /// <summary>Creates a scope whose DbContext and other database access use the background pool of its module.</summary>
    public static AsyncServiceScope CreateBackgroundScope(this IServiceProvider services) => Mark(services.CreateAsyncScope());

    /// <summary>
    /// Creates a background scope for a start or a verb: its DbContext waits for up to 30 s, as for the locks of another host that starts.
    /// </summary>
    public static AsyncServiceScope CreatePatientScope(this IServiceScopeFactory scopes) =>
        Mark(scopes.CreateAsyncScope(), isPatient: true);

    /// <inheritdoc cref="CreatePatientScope(IServiceScopeFactory)"/>
    public static AsyncServiceScope CreatePatientScope(this IServiceProvider services) =>
        Mark(services.CreateAsyncScope(), isPatient: true);

    private static AsyncServiceScope Mark(AsyncServiceScope scope, bool isPatient = false)
    {
        var use = scope.ServiceProvider.GetRequiredService<PoolUse>();
        (use.IsBackground, use.IsPatient) = (true, isPatient);
        return scope;
    }
}
