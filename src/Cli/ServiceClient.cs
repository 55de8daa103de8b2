using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Idoven.Cli.Recordings;

namespace Idoven.Cli;

/// <summary>What became of an upload.</summary>
/// <param name="Location">Where the ECG is.</param>
/// <param name="Length">Bytes of the body before packing.</param>
/// <param name="Sha256">Of that body as sent.</param>
internal sealed record Uploaded(HttpStatusCode Code, Uri Location, EcgAnswer Ecg, long Length, string Sha256);

/// <summary>The service's HTTP interface, as any client would use it.</summary>
/// <param name="http">Its base address is the service.</param>
/// <param name="clock">Measures the waits.</param>
internal sealed class ServiceClient(HttpClient http, TimeProvider clock)
{
    private static readonly TimeSpan UsualWait = TimeSpan.FromSeconds(1);

    // OAuth 2 refuses in its own words.
    private static readonly HttpStatusCode[] RefusedToken = [HttpStatusCode.BadRequest, HttpStatusCode.Unauthorized];

    /// <summary>Gets a token where the service says tokens are given, and uses it from now on.</summary>
    /// <returns>How long it lives.</returns>
    /// <exception cref="CliException">The service can't be reached, or refuses.</exception>
    public async Task<TimeSpan> SignIn(Credentials credentials, CancellationToken ct)
    {
        using var found = await Send(new HttpRequestMessage(HttpMethod.Get, "/.well-known/openid-configuration"), ct);
        var endpoint = (await Read(found, AnswersJson.Default.Discovery, ct)).TokenEndpoint
            ?? throw new CliException($"{http.BaseAddress} has no token endpoint in its /.well-known/openid-configuration.");
        using var answered = await Send(
            new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = new FormUrlEncodedContent(credentials.Form) }, ct, RefusedToken);
        var answer = await Read(answered, AnswersJson.Default.TokenAnswer, ct);
        if (answer.AccessToken is null)
        {
            throw new CliException($"no token for {credentials}: {answer.ErrorDescription ?? answer.Error}");
        }

        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", answer.AccessToken);
        return TimeSpan.FromSeconds(answer.ExpiresIn);
    }

    /// <summary>Uploads an ECG. The body is sent only after the service has said that it takes it.</summary>
    /// <exception cref="CliException">The service can't be reached, or refuses.</exception>
    public async Task<Uploaded> Upload(IUpload upload, CancellationToken ct)
    {
        using var content = new UploadContent(upload);
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/ecgs") { Content = content };
        request.Headers.ExpectContinue = true;
        using var response = await Send(request, ct);
        var ecg = await Read(response, AnswersJson.Default.EcgAnswer, ct);
        var location = response.Headers.Location ?? new Uri($"/api/v1/ecgs/{ecg.Id}", UriKind.Relative);
        return new Uploaded(response.StatusCode, location, ecg, content.Length, content.Sha256);
    }

    /// <summary>Asks for the insights of an ECG until they are there, as often as the service wants to be asked.</summary>
    /// <returns>The document in UTF-8.</returns>
    /// <exception cref="CliException">The service can't be reached, or gave the analysis up.</exception>
    public async Task<byte[]> WaitForInsights(Uri ecg, CancellationToken ct)
    {
        while (true)
        {
            using var response = await Send(new HttpRequestMessage(HttpMethod.Get, $"{ecg}/insights"), ct);
            if (response.StatusCode != HttpStatusCode.Accepted)
            {
                return await response.Content.ReadAsByteArrayAsync(ct);
            }

            await Task.Delay(Wait(response), clock, ct);
        }
    }

    /// <summary>The beats of all leads together; null where the analysis did not look for any.</summary>
    public async Task<BeatsAnswer?> Beats(Uri ecg, CancellationToken ct)
    {
        using var response = await Send(new HttpRequestMessage(HttpMethod.Get, $"{ecg}/beats"), ct, HttpStatusCode.Conflict);
        return response.IsSuccessStatusCode ? await Read(response, AnswersJson.Default.BeatsAnswer, ct) : null;
    }

    /// <summary>A piece of a lead's samples.</summary>
    public async Task<IReadOnlyList<int>> Signal(Uri ecg, string lead, int from, int to, CancellationToken ct)
    {
        using var response = await Send(new HttpRequestMessage(HttpMethod.Get, $"{ecg}/signal?lead={Uri.EscapeDataString(lead)}&from={from}&to={to}"), ct);
        return (await Read(response, AnswersJson.Default.SignalAnswer, ct)).Signal;
    }

    private TimeSpan Wait(HttpResponseMessage response)
    {
        var wanted = response.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - clock.GetUtcNow() : null;
        return wanted > TimeSpan.Zero ? wanted.Value : UsualWait;
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "The caller disposes the response.")]
    private async Task<HttpResponseMessage> Send(HttpRequestMessage request, CancellationToken ct, params HttpStatusCode[] alsoGood)
    {
        HttpResponseMessage response;
        using (request)
        {
            try
            {
                response = await http.SendAsync(request, ct);
            }
            catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError)
            {
                throw new CliException($"no service at {http.BaseAddress} ({(e.InnerException ?? e).Message}); ./idoven up starts one.");
            }
            catch (HttpRequestException e)
            {
                throw new CliException($"{request.Method} {request.RequestUri}: {(e.InnerException ?? e).Message}");
            }
        }

        if (!response.IsSuccessStatusCode && !alsoGood.Contains(response.StatusCode))
        {
            using (response)
            {
                throw await Problem.Of(response, ct);
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
            throw new CliException($"{response.RequestMessage?.RequestUri} does not answer as this service does: is it another one?");
        }
    }
}
