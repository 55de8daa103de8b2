using System.Net;
using System.Net.Sockets;

namespace Idoven.Host.Tests.Parts;

internal static class FreePort
{
    // Below those that the system hands out to outgoing connections: one of these would be gone before it is listened on.
    private const int First = 12_000;
    private const int End = 32_000;

    private static int last = First + Random.Shared.Next(End - First);

    /// <summary>A port of the loopback that nobody listened on a moment ago, and that this run has not taken before.</summary>
    public static int Take()
    {
        for (var tries = 0; tries < End - First; tries++)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref last) % (End - First));
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }

        throw new InvalidOperationException($"No port from {First} to {End} is free.");
    }
}
