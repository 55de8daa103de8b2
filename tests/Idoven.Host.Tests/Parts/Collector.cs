using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Idoven.Host.Tests.Parts;

/// <summary>Receives the OTLP exports of a host over HTTP. Protobuf stores strings unchanged, so text can be searched.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentDictionary<string, StringBuilder> received = new();

    private Collector(WebApplication app, Uri address) => (this.app, Address) = (app, address);

    public Uri Address { get; }

    public static async Task<Collector> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var address = new Uri($"http://127.0.0.1:{FreePort.Take()}");
        var collector = new Collector(app, address);
        app.MapPost("/v1/{signal}", collector.Take);
        app.Urls.Add(address.ToString());
        await app.StartAsync();
        return collector;
    }

    /// <param name="signal"><c>traces</c>, <c>logs</c> or <c>metrics</c>.</param>
    public string GetText(string signal)
    {
        var text = received.GetOrAdd(signal, _ => new StringBuilder());
        lock (text)
        {
            return text.ToString();
        }
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task Take(string signal, HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        var text = received.GetOrAdd(signal, _ => new StringBuilder());
        lock (text)
        {
            text.Append(Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)body.Length));
        }
    }
}
