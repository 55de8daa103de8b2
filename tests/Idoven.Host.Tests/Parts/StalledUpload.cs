using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Idoven.Host.Tests.Parts;

/// <summary>
/// Represents an upload of which only the first half is ever sent. It uses a socket, because <see cref="HttpClient"/> returns no response
/// before the request is sent.
/// </summary>
internal static class StalledUpload
{
    private const string EndOfHead = "\r\n\r\n";
    private const string EndOfChunks = "\r\n0\r\n\r\n";

    /// <returns>The response, whose body must be chunked.</returns>
    public static async Task<HttpResponseMessage> Send(Uri host, string token, string body)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(host.Host, host.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"POST {EcgCalls.Route} HTTP/1.1\r\nHost: {host.Authority}\r\nAuthorization: Bearer {token}\r\nContent-Type: "
                + $"application/json\r\nContent-Length: {body.Length}\r\n\r\n{body[..(body.Length / 2)]}"));
        await using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var text = new StringBuilder();
        while (!text.ToString().EndsWith(EndOfChunks, StringComparison.Ordinal))
        {
            var buffer = new char[4096];
            var read = await reader.ReadAsync(buffer);
            Assert.True(read > 0, $"the connection was closed: {text}");
            text.Append(buffer, 0, read);
        }

        return Parse(text.ToString());
    }

    private static HttpResponseMessage Parse(string text)
    {
        var head = text[..text.IndexOf(EndOfHead, StringComparison.Ordinal)].Split("\r\n");
        var body = text[(text.IndexOf(EndOfHead, StringComparison.Ordinal) + EndOfHead.Length)..];
        var response = new HttpResponseMessage((HttpStatusCode)int.Parse(head[0].Split(' ')[1], CultureInfo.InvariantCulture));
        var headers = head[1..].Select(line => line.Split(": ", 2)).ToLookup(
            line => line[0], line => line[1], StringComparer.OrdinalIgnoreCase);
        response.Content = new StringContent(Unchunked(body));
        response.Content.Headers.Clear();
        foreach (var header in headers)
        {
            if (!response.Headers.TryAddWithoutValidation(header.Key, header))
            {
                response.Content.Headers.TryAddWithoutValidation(header.Key, header);
            }
        }

        return response;
    }

    private static string Unchunked(string body)
    {
        var whole = new StringBuilder();
        for (var at = 0; ;)
        {
            var start = body.IndexOf("\r\n", at, StringComparison.Ordinal) + 2;
            var length = int.Parse(body[at..(start - 2)], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (length == 0)
            {
                return whole.ToString();
            }

            whole.Append(body, start, length);
            at = start + length + 2;
        }
    }
}
