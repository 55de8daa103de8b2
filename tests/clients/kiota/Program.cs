// Uploads, waits and reads with the client that Kiota generates.
using Idoven.Clients.Kiota;
using Idoven.Clients.Kiota.Models;
using Microsoft.Kiota.Abstractions.Authentication;
using Microsoft.Kiota.Http.HttpClientLibrary;
using static Idoven.Clients.Service;

var url = args[0];
using var http = new HttpClient();
var token = await RequestToken(http, url);
using var adapter = new HttpClientRequestAdapter(new BaseBearerTokenAuthenticationProvider(new FixedToken(token))) { BaseUrl = url };
var ecgs = new IdovenClient(adapter).Api.V1.Ecgs;
var ecg = new SubmitEcgRequest
{
    Date = Date,
    SamplingFrequency = SamplingFrequency,
    Leads = [new SubmitEcgRequest_leads { Name = "I", Signal = [.. Signal] }],
};

var queued = (await ecgs.PostAsync(ecg))!;
Check(queued.Id is not null && queued.Insights is null, "The 202 has no id, or has insights.");
var id = queued.Id.ToString()!;
var processed = (await WaitWhileQueued(() => ecgs[id].GetAsync(), ecg => ecg!.Status == EcgResponse_status.Queued))!;
Check(processed.Id == queued.Id, "The ECG that is read is another one.");
Check(processed.Status == EcgResponse_status.Processed, $"The ECG is {processed.Status}.");
var insights = (await ecgs[id].Insights.GetAsync())!;
Check(insights.Leads!.Single().ZeroCrossings?.Total == ExpectedCrossings, "The insights are not those of the signal.");

var awaited = (await ecgs.PostAsync(ecg, request => request.Headers.Add("Prefer", "wait=20")))!;
Check(awaited.Id != queued.Id, "The second upload has the id of the first.");
Check((await ecgs[awaited.Id.ToString()!].GetAsync())!.Id == awaited.Id, "The ECG that is read is another one.");
Check(awaited.Insights?.Leads!.Single().ZeroCrossings?.Total == ExpectedCrossings, "The 201 has no insights, or not those of the signal.");

/// <summary>Provides one token. A program that runs for longer than its ten minutes requests a new one here.</summary>
internal sealed class FixedToken(string token) : IAccessTokenProvider
{
    public AllowedHostsValidator AllowedHostsValidator { get; } = new();

    public Task<string> GetAuthorizationTokenAsync(
        Uri uri, Dictionary<string, object>? additionalAuthenticationContext = null, CancellationToken cancellationToken = default) =>
        Task.FromResult(token);
}
