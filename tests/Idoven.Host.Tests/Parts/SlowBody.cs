using System.Net;
using System.Text;

namespace Idoven.Host.Tests.Parts;

/// <summary>Represents a JSON body that sends its first part, and the rest on request.</summary>
internal sealed class SlowBody : HttpContent
{
    /// <summary>The time without a byte after which an upload ends with 408.</summary>
    public static readonly TimeSpan PaceWindow = TimeSpan.FromSeconds(30);

    private readonly byte[] body;
    private readonly int first;
    private readonly TaskCompletionSource halfSent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource finish = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="last">The number of bytes sent on request; half of the body if it is null.</param>
    public SlowBody(string body, int? last = null)
    {
        this.body = Encoding.UTF8.GetBytes(body);
        first = this.body.Length - (last ?? this.body.Length / 2);
        Headers.ContentType = new("application/json");
    }

    public Task HalfSent => halfSent.Task;

    public void Finish() => finish.SetResult();

    /// <summary>Uploads the body, and returns once its first part is sent.</summary>
    public async Task<Task<HttpResponseMessage>> Upload(HttpClient client)
    {
        var response = client.SendAsync(new HttpRequestMessage(HttpMethod.Post, EcgCalls.Route) { Content = this });
        await Task.WhenAny(HalfSent, response);
        return response;
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.WriteAsync(body.AsMemory(0, first));
        await stream.FlushAsync();
        halfSent.SetResult();
        await finish.Task;
        await stream.WriteAsync(body.AsMemory(first));
    }

    protected override bool TryComputeLength(out long length)
    {
        length = body.Length;
        return true;
    }
}
