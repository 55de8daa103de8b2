using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Idoven.Cli.Errors;
using Idoven.Cli.Recordings;

namespace Idoven.Cli;

/// <summary>Represents the result of an upload.</summary>
/// <param name="Code">The HTTP status.</param>
/// <param name="Location">The address of the ECG.</param>
/// <param name="Ecg">The stored ECG.</param>
/// <param name="Length">The bytes of the body before compression.</param>
/// <param name="Sha256">The hash of the body before compression, in hexadecimal.</param>
internal sealed record Uploaded(HttpStatusCode Code, Uri Location, EcgResponse Ecg, long Length, string Sha256);

/// <summary>Calls the HTTP API of the service as any client would.</summary>
/// <param name="http">A client whose base address is the service.</param>
/// <param name="clock">Measures the delays between requests.</param>
internal sealed class ServiceClient(HttpClient http, TimeProvider clock)
{
    private static readonly TimeSpan DefaultDelay = TimeSpan.FromSeconds(1);

    // Errors of OAuth 2 are not problem documents.
    private static readonly HttpStatusCode[] TokenErrors = [HttpStatusCode.BadRequest, HttpStatusCode.Unauthorized];

    /// <summary>Gets a token from the token endpoint that the discovery document names, and sends it with all further requests.</summary>
    /// <returns>The lifetime of the token.</returns>
    /// <exception cref="CliException">The service is unreachable, or rejects the credentials.</exception>
    public async Task<TimeSpan> SignIn(Credentials credentials, CancellationToken ct)
    {
        using var discovery = await Send(new HttpRequestMessage(HttpMethod.Get, "/.well-known/openid-configuration"), ct);
        var endpoint = (await Read(discovery, ResponsesJson.Default.Discovery, ct)).TokenEndpoint
            ?? throw new CliException($"{http.BaseAddress} has no token endpoint in its /.well-known/openid-configuration.");
        using var response = await Send(
            new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = new FormUrlEncodedContent(credentials.Form) }, ct, TokenErrors);
        var token = await Read(response, ResponsesJson.Default.TokenResponse, ct);
        if (token.AccessToken is null)
        {
            throw new CliException($"No token for {credentials}: {token.ErrorDescription ?? token.Error}");
        }

        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.AccessToken);
        return TimeSpan.FromSeconds(token.ExpiresIn);
    }

    /// <summary>Uploads an ECG. Sends the body only after the service has responded to <c>Expect: 100-continue</c>.</summary>
    /// <exception cref="CliException">The service is unreachable, or rejects the upload.</exception>
    public async Task<Uploaded> Upload(IUpload upload, CancellationToken ct)
    {
        using var content = new UploadContent(upload);
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/ecgs") { Content = content };
        request.Headers.ExpectContinue = true;
        using var response = await Send(request, ct);
        var ecg = await Read(response, ResponsesJson.Default.EcgResponse, ct);
        var location = response.Headers.Location ?? new Uri($"/api/v1/ecgs/{ecg.Id}", UriKind.Relative);
        return new Uploaded(response.StatusCode, location, ecg, content.Length, content.Sha256);
    }

    /// <summary>Requests the insights of an ECG until they are available, with the delay that the service asks for.</summary>
    /// <returns>The document in UTF-8.</returns>
    /// <exception cref="CliException">The service is unreachable, or the analysis has failed.</exception>
    public async Task<byte[]> WaitForInsights(Uri ecg, CancellationToken ct)
    {
        while (true)
        {
            using var response = await Send(new HttpRequestMessage(HttpMethod.Get, $"{ecg}/insights"), ct);
            if (response.StatusCode != HttpStatusCode.Accepted)
            {
                return await response.Content.ReadAsByteArrayAsync(ct);
            }

            await Task.Delay(RetryDelay(response), clock, ct);
        }
    }

    /// <summary>Returns the beats of all leads together; null if the analysis did not detect beats.</summary>
    public async Task<BeatsResponse?> Beats(Uri ecg, CancellationToken ct)
    {
        using var response = await Send(new HttpRequestMessage(HttpMethod.Get, $"{ecg}/beats"), ct, HttpStatusCode.Conflict);
        return response.IsSuccessStatusCode ? await Read(response, ResponsesJson.Default.BeatsResponse, ct) : null;
    }

    /// <summary>Returns the samples of a lead from <paramref name="from"/> (inclusive) to <paramref name="to"/> (exclusive).</summary>
    public async Task<IReadOnlyList<int>> Signal(Uri ecg, string lead, int from, int to, CancellationToken ct)
    {
        var address = $"{ecg}/signal?lead={Uri.EscapeDataString(lead)}&from={from}&to={to}";
        using var response = await Send(new HttpRequestMessage(HttpMethod.Get, address), ct);
        return (await Read(response, ResponsesJson.Default.SignalResponse, ct)).Signal;
    }

    private TimeSpan RetryDelay(HttpResponseMessage response)
    {
        var wanted = response.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - clock.GetUtcNow() : null;
        return wanted > TimeSpan.Zero ? wanted.Value : DefaultDelay;
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "The caller disposes the response.")]
    private async Task<HttpResponseMessage> Send(
        HttpRequestMessage request, CancellationToken ct, params HttpStatusCode[] acceptedErrors)
    {
        HttpResponseMessage response;
        using (request)
        {
            try
            {
                response = await http.SendAsync(request, ct);
            }
            catch (HttpRequestException e)
                when (e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError)
            {
                throw new CliException($"No service at {http.BaseAddress} ({(e.InnerException ?? e).Message}). ./idoven up starts one.");
            }
            catch (HttpRequestException e)
            {
                throw new CliException($"{request.Method} {request.RequestUri}: {(e.InnerException ?? e).Message}");
            }
        }

        if (!response.IsSuccessStatusCode && !acceptedErrors.Contains(response.StatusCode))
        {
            using (response)
            {
                throw await Problem.ToException(response, ct);
            }
        }

        return response;
    }

    private static async Task<T> Read<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken ct)
    {
        try
        {
            return JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(ct), type) ?? throw new JsonException("null");
        }
        catch (JsonException)
        {
            var address = response.RequestMessage?.RequestUri;
            throw new CliException($"{address} did not respond like this service. Is another server running there?");
        }
    }
}
