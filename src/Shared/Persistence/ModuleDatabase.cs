using Npgsql;

namespace Idoven.Shared.Persistence;

/// <summary>
/// A module's own way into PostgreSQL: its schema, and connections as its running role. They end with the host, and with them the
/// locks that they may still hold.
/// </summary>
/// <typeparam name="TDb">The module's DbContext.</typeparam>
public sealed class ModuleDatabase<TDb>(string schema, NpgsqlDataSource dataSource) : IAsyncDisposable, IDisposable
{
    /// <summary>The module's schema, which is also the module's name.</summary>
    public string Schema { get; } = schema;

    /// <summary>Connections as the role <c>&lt;module&gt;_app</c>.</summary>
    public NpgsqlDataSource DataSource { get; } = dataSource;

    public ValueTask DisposeAsync() => DataSource.DisposeAsync();

    public void Dispose() => DataSource.Dispose();
}
