using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Host.Tests.Parts;

/// <summary>
/// Counts the requests that a host is working on. Create it before the first request: a request that began earlier would be subtracted when
/// it ends, and a client has its response before the host has ended the request.
/// </summary>
internal sealed class ActiveRequests : IDisposable
{
    private readonly MeterListener listener = new();
    private long active;

    public ActiveRequests(RunningHost host)
    {
        var scope = host.Services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "http.server.active_requests" && instrument.Meter.Scope == scope)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, change, _, _) => Interlocked.Add(ref active, change));
        listener.Start();
    }

    public long Count => Interlocked.Read(ref active);

    public void Dispose() => listener.Dispose();
}
