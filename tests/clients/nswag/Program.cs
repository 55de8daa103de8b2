// Uploads, waits and reads with the client that NSwag generates.
using System.Net.Http.Headers;
using Idoven.Clients;
using Idoven.Clients.NSwag;
using static Idoven.Clients.Service;

var url = args[0];
using var http = new HttpClient { BaseAddress = new Uri(url) };
http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await RequestToken(http, url));
var client = new IdovenClient(http);
var ecg = new SubmitEcgRequest
{
    Date = Date,
    SamplingFrequency = SamplingFrequency,
    Leads = [new Leads { Name = "I", Signal = Signal }],
};

var queued = await client.SubmitEcgAsync(ecg);
Check(queued.Insights is null, "The 202 has insights.");
var processed = await WaitWhileQueued(() => client.GetEcgAsync(queued.Id.ToString()), ecg => ecg.Status == EcgResponseStatus.Queued);
Check(processed.Id == queued.Id, "GetEcg returns another ECG.");
Check(processed.Status == EcgResponseStatus.Processed, $"The ECG is {processed.Status}.");
var insights = await client.GetInsightsAsync(queued.Id.ToString());
Check(insights.Leads.Single().ZeroCrossings?.Total == ExpectedCrossings, "The insights are not those of the signal.");

var awaited = await client.SubmitEcgAsync(ecg, prefer: "wait=20");
Check(awaited.Id != queued.Id, "The second upload has the id of the first.");
Check((await client.GetEcgAsync(awaited.Id.ToString())).Id == awaited.Id, "GetEcg returns another ECG.");
Check(awaited.Insights?.Leads.Single().ZeroCrossings?.Total == ExpectedCrossings, "The 201 has no insights, or not those of the signal.");
