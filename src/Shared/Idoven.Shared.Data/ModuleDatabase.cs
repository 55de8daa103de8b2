using Npgsql;

namespace Idoven.Shared.Data;

/// <summary>
/// The access of a module to PostgreSQL: its schema, and three connection pools of its running role. The pools close when the host stops,
/// and the server then releases every lock that their sessions still hold.
/// </summary>
/// <typeparam name="TDb">The module's DbContext.</typeparam>
/// <param name="schema">The module's schema, which is also its name.</param>
/// <param name="requests">The pool for HTTP requests. If the database does not respond, its users fail within seconds.</param>
/// <param name="background">The pool for consumers, jobs, gauges and CLI verbs. Requests cannot exhaust it.</param>
/// <param name="sessions">The pool of the leader. Its connections are reset when they are returned.</param>
public sealed class ModuleDatabase<TDb>(
    string schema, NpgsqlDataSource requests, NpgsqlDataSource background, NpgsqlDataSource sessions)
    : IAsyncDisposable, IDisposable
{
    /// <summary>Gets the module's schema, which is also the module's name.</summary>
    public string Schema { get; } = schema;

    /// <summary>Gets the pool for HTTP requests.</summary>
    public NpgsqlDataSource DataSource { get; } = requests;

    /// <summary>Gets the pool for consumers, jobs, gauges and CLI verbs.</summary>
    public NpgsqlDataSource Background { get; } = background;

    /// <summary>
    /// Gets the pool for work that changes its session: a lock of the session, LISTEN, a setting or a temporary table. The connections of
    /// the other pools are returned as they are, which saves a statement each time.
    /// </summary>
    public NpgsqlDataSource Sessions { get; } = sessions;

    /// <summary>Gets the pool of the given use.</summary>
    public NpgsqlDataSource PoolFor(PoolUse use) => use.IsBackground ? Background : DataSource;

    public async ValueTask DisposeAsync()
    {
        await DataSource.DisposeAsync();
        await Background.DisposeAsync();
        await Sessions.DisposeAsync();
    }

    public void Dispose()
    {
        DataSource.Dispose();
        Background.Dispose();
        Sessions.Dispose();
    }
}
