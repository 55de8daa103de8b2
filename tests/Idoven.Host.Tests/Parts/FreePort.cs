using System.Net;
using System.Net.Sockets;

namespace Idoven.Host.Tests.Parts;

internal static class FreePort
{
    // Below the ephemeral ports, because the system could assign one of those to an outgoing connection before the test listens on it.
    private const int First = 12_000;
    private const int End = 32_000;

    private static int last = First + Random.Shared.Next(End - First);

    /// <summary>Returns a loopback port that was free a moment ago and that this run has not returned before.</summary>
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
                // The port is in use.
            }
        }

        throw new InvalidOperationException($"No port from {First} to {End} is free.");
    }
}
