using System.Diagnostics.Metrics;
using Npgsql;

namespace Idoven.Host.Tests.Parts;

/// <summary>
/// Counts the connections that the requests of this process's hosts use of one database: those that are not idle in a pool. The server
/// cannot tell an idle connection from one whose result is not read.
/// </summary>
internal sealed class UsedConnections : IDisposable
{
    private readonly Lock counting = new();
    private readonly MeterListener listener = new();
    private long used;

    public UsedConnections(HostSettings settings)
    {
        var database = $"Database={new NpgsqlConnectionStringBuilder(settings.Admin).Database}";
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument is { Meter.Name: "Npgsql", Name: "db.client.connection.count" })
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<int>((_, count, tags, _) =>
        {
            var named = tags.ToArray().ToDictionary(tag => tag.Key, tag => $"{tag.Value}");
            var pool = named["db.client.connection.pool.name"];
            if (named["db.client.connection.state"] == "used"
                && pool.Contains(database, StringComparison.Ordinal) && pool.Contains("-requests", StringComparison.Ordinal))
            {
                used += count;
            }
        });
        listener.Start();
    }

    public long Count()
    {
        lock (counting)
        {
            used = 0;
            listener.RecordObservableInstruments();
            return used;
        }
    }

    public void Dispose() => listener.Dispose();
}
