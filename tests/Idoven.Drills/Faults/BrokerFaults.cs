using Idoven.Drills.Running;

namespace Idoven.Drills.Faults;

/// <summary>Faults of the broker and of the link to it.</summary>
internal static class BrokerFaults
{
    public static async Task Kill(FaultContext context)
    {
        await context.Servers.KillBroker();
        await context.Hold(6);
        await context.Servers.StartBroker();
    }

    /// <summary>Freezes the broker for longer than the 25 s after which a host used to end.</summary>
    public static async Task Freeze(FaultContext context)
    {
        var broker = context.Servers.BrokerProcess;
        Processes.SendStop(broker);
        try
        {
            await context.Hold(27);
        }
        finally
        {
            Processes.SendContinue(broker);
        }
    }

    public static async Task Alarm(FaultContext context)
    {
        await context.Servers.BrokerControl(["set_vm_memory_high_watermark", "0.0001"], context.Ct);
        try
        {
            await context.Hold(27);
        }
        finally
        {
            await context.Servers.BrokerControl(["set_vm_memory_high_watermark", "0.4"], CancellationToken.None);
        }
    }

    public static async Task Cut(FaultContext context)
    {
        for (var i = 0; i < (context.IsQuick ? 3 : 8); i++)
        {
            context.Host.Broker.Cut();
            await context.Pause(0.2 + context.Random.NextDouble());
        }
    }

    public static Task HalfOpen(FaultContext context) => HoldMode(context, ProxyMode.HalfOpen, 27);

    public static Task Silence(FaultContext context) => HoldMode(context, ProxyMode.Silent, 27);

    public static Task RejectConnections(FaultContext context) => HoldMode(context, ProxyMode.Reject, 10);

    public static async Task Swallow(FaultContext context)
    {
        context.Host.Broker.SwallowAfter(context.Random.Next(1, 30_000));
        await context.Hold(27);
        context.Host.Broker.Set(ProxyMode.Pass);
    }

    public static async Task Slow(FaultContext context)
    {
        context.Host.Broker.Latency = TimeSpan.FromMilliseconds(150);
        await context.Hold(12);
        context.Host.Broker.Set(ProxyMode.Pass);
    }

    private static async Task HoldMode(FaultContext context, ProxyMode mode, double seconds)
    {
        context.Host.Broker.Set(mode);
        await context.Hold(seconds);
        context.Host.Broker.Set(ProxyMode.Pass);
    }
}
