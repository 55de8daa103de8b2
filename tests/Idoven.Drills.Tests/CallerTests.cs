using System.Net;
using System.Net.Sockets;
using System.Text;
using Idoven.Drills.Load;

namespace Idoven.Drills.Tests;

public sealed class CallerTests
{
    /// <summary>
    /// A host that is killed after it has committed a deletion sends no response. The HTTP client must not retry by itself:
    /// if the retry were refused, the deletion would be recorded as one that never reached the host.
    /// </summary>
    [Theory, InlineData("DELETE"), InlineData("POST"), InlineData("PATCH")]
    public async Task A_request_that_a_killed_host_received_is_not_recorded_as_refused(string method)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var http = new HttpClient();
        var ended = EndAfterASecondRequest(listener);
        var host = new Uri($"http://127.0.0.1:{port}");
        using var first = await http.GetAsync(new Uri(host, "/"), TestContext.Current.CancellationToken);
        using var message = Caller.Message(new Request(OperationKind.Delete, new HttpMethod(method), "/ecg"), host);

        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => http.SendAsync(message, TestContext.Current.CancellationToken));

        Assert.NotEqual(HttpRequestError.ConnectionError, failure.HttpRequestError);
        await ended;
    }

    /// <summary>Answers one request, reads another, and then closes the connection and the port.</summary>
    private static async Task EndAfterASecondRequest(TcpListener listener)
    {
        using var connection = await listener.AcceptSocketAsync();
        await ReadHead(connection);
        await connection.SendAsync(Encoding.ASCII.GetBytes("HTTP/1.1 204 No Content\r\n\r\n"));
        await ReadHead(connection);
        listener.Stop();
    }

    private static async Task ReadHead(Socket connection)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            text.Append(Encoding.ASCII.GetString(buffer, 0, await connection.ReceiveAsync(buffer)));
        }
    }
}
