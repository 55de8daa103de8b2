using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Idoven.Drills.Running;

namespace Idoven.Drills.Load;

/// <summary>Represents a request to send and record.</summary>
internal sealed record Request(OperationKind Kind, HttpMethod Method, string Path)
{
    public string? Token { get; init; }

    public string? Body { get; init; }

    public IReadOnlyDictionary<string, string>? Form { get; init; }

    public string? Key { get; init; }

    public int? WaitSeconds { get; init; }

    public string? ExternalId { get; init; }

    public Guid? Ecg { get; init; }

    public Guid? User { get; init; }
}

/// <summary>Sends requests to the hosts of a drill and records each in the history.</summary>
internal sealed class Caller(string name, IReadOnlyList<DrillHost> hosts, History history, Random random) : IDisposable
{
    /// <summary>The time after which a request is recorded as unanswered. It is longer than the checker's limit.</summary>
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(5);

    private readonly HttpClient http =
        new(new SocketsHttpHandler { ConnectTimeout = ConnectWithin, AllowAutoRedirect = false }) { Timeout = Timeout.InfiniteTimeSpan };
    private int next = random.Next(hosts.Count);

    public string Name { get; } = name;

    public Random Random { get; } = random;

    /// <summary>Sends a request to the next host in turn.</summary>
    public Task<(Operation Operation, JsonElement Body)> Send(Request request, CancellationToken ct) =>
        Send(request, hosts[(int)((uint)Interlocked.Increment(ref next) % hosts.Count)], ct);

    /// <returns>The recorded operation, and the body of the response as JSON (undefined if it is not JSON).</returns>
    public async Task<(Operation Operation, JsonElement Body)> Send(Request request, DrillHost host, CancellationToken ct)
    {
        using var message = Message(request, host.Address);
        var operation = new Operation
        {
            Kind = request.Kind,
            Client = Name,
            Host = host.Index,
            Start = history.Now,
            End = 0,
            Outcome = Outcome.Lost,
            Key = request.Key,
            ExternalId = request.ExternalId,
            Ecg = request.Ecg,
            User = request.User,
            Waits = request.WaitSeconds ?? 0,
            BodyHash = request.Body is null ? null : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(request.Body))),
        };
        JsonElement body = default;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(AnswerWithin + TimeSpan.FromSeconds(operation.Waits));
        try
        {
            using var response = await http.SendAsync(message, limit.Token);
            var bytes = await response.Content.ReadAsByteArrayAsync(limit.Token);
            body = Parse(response, bytes);
            operation = operation with
            {
                Outcome = Outcome.Answered,
                Status = (int)response.StatusCode,
                HasRetryAfter = response.Headers.RetryAfter is not null,
                Ecg = request.Ecg ?? (request.Kind == OperationKind.Upload ? IdIn(response) : null),
            };
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConnectionError)
        {
            operation = operation with { Outcome = Outcome.Refused };
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            ct.ThrowIfCancellationRequested();
        }

        operation = operation with { End = history.Now };
        history.Add(operation);
        return (operation, body);
    }

    public void Dispose() => http.Dispose();

    /// <summary>Creates the HTTP message. The HTTP client sends it only once, unless it is a read.</summary>
    internal static HttpRequestMessage Message(Request request, Uri host)
    {
        var message = new HttpRequestMessage(request.Method, new Uri(host, request.Path));
        if (request.Token is not null)
        {
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", request.Token);
        }

        if (request.Key is not null)
        {
            message.Headers.Add("Idempotency-Key", request.Key);
        }

        if (request.WaitSeconds is { } wait)
        {
            message.Headers.Add("Prefer", string.Create(CultureInfo.InvariantCulture, $"wait={wait}"));
        }

        if (request.Form is not null)
        {
            message.Content = new FormUrlEncodedContent(request.Form);
        }
        else if (request.Body is not null)
        {
            message.Content = new StringContent(request.Body, Encoding.UTF8, "application/json");
        }
        else if (request.Method != HttpMethod.Get)
        {
            // HttpClient repeats a request without content on another connection if the first one ends before the response.
            // If that connection is refused, the host may have executed the request although the history records it as refused.
            message.Content = new ByteArrayContent([]);
        }

        return message;
    }

    private static JsonElement Parse(HttpResponseMessage response, byte[] bytes)
    {
        if (bytes.Length == 0
            || response.Content.Headers.ContentType?.MediaType is not { } type
            || !type.EndsWith("json", StringComparison.Ordinal))
        {
            return default;
        }

        return JsonElement.Parse(bytes);
    }

    /// <summary>Returns the id in <c>Location</c>, which both 201 and 202 have.</summary>
    private static Guid? IdIn(HttpResponseMessage response) =>
        Guid.TryParse(response.Headers.Location?.ToString().Split('/')[^1], out var id) ? id : null;
}
