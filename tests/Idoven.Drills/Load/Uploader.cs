using System.Net;
using Idoven.Drills.Running;

namespace Idoven.Drills.Load;

/// <summary>
/// Represents a machine client that uploads, deletes and reads until the load ends. All its choices come from its random numbers, so
/// the same seed sends the same requests (their times depend on the machine).
/// </summary>
internal sealed class Uploader(
    string name, ClientCredentials credentials, IReadOnlyList<DrillHost> hosts, History history, Random random) : IDisposable
{
    private const string Scope = "ecgs:read ecgs:write";
    private const string Route = "/api/v1/ecgs";
    private const int WaitSeconds = 2;
    private const int RetriesAfterLoad = 8;
    private const int KeptIds = 40;

    private readonly Caller caller = new(name, hosts, history, random);
    private readonly List<Guid> ids = [];
    private string token = "";
    private int number;

    public void Dispose() => caller.Dispose();

    /// <summary>Requests the first token, before the fault.</summary>
    public async Task SignIn(CancellationToken ct) =>
        token = await caller.Get(Tokens.ForClient(credentials, Scope), ct) ?? throw new InvalidOperationException($"{name} got no token.");

    /// <param name="loadEnds">Ends the load; requests in progress are completed.</param>
    /// <param name="ct">Cancels everything.</param>
    public async Task Run(CancellationToken loadEnds, CancellationToken ct)
    {
        while (!loadEnds.IsCancellationRequested)
        {
            await SendRandomRequest(loadEnds, ct);
            await Task.Delay(random.Next(20, 120), ct);
        }
    }

    private Task SendRandomRequest(CancellationToken loadEnds, CancellationToken ct) => random.Next(100) switch
    {
        < 30 => UploadWithKey(loadEnds, ct),
        < 45 => Upload(waits: false, ct),
        < 62 => UploadAndDelete(waits: random.Next(2) == 0, ct),
        < 72 => Upload(waits: true, ct),
        < 80 => DeleteSeveral(ct),
        < 87 => UploadMalformed(ct),
        < 96 => Read(ct),
        _ => Send(new Request(OperationKind.List, HttpMethod.Get, Route), ct),
    };

    private string NewExternalId() => $"{name}-{++number}";

    private async Task<Guid?> Upload(bool waits, CancellationToken ct)
    {
        var externalId = NewExternalId();
        var operation = await Send(
            new Request(OperationKind.Upload, HttpMethod.Post, Route)
            {
                Body = Recording.Body(random, externalId),
                ExternalId = externalId,
                WaitSeconds = waits ? WaitSeconds : null,
            },
            ct);
        return Remember(operation);
    }

    /// <summary>Repeats the same request at the next host until a response shows whether the ECG was stored.</summary>
    private async Task UploadWithKey(CancellationToken loadEnds, CancellationToken ct)
    {
        var externalId = NewExternalId();
        var request = new Request(OperationKind.Upload, HttpMethod.Post, Route)
        {
            Body = Recording.Body(random, externalId),
            ExternalId = externalId,
            Key = $"key-{externalId}",
        };
        var left = RetriesAfterLoad;
        var wasLost = false;
        while (true)
        {
            var operation = await Send(request, ct);
            wasLost |= operation.Outcome == Outcome.Lost;
            if (Remember(operation) is not null)
            {
                if (random.Next(6) == 0 && !wasLost)
                {
                    await Send(request, ct);
                }

                return;
            }

            var isUnsettled = operation.Outcome != Outcome.Answered || operation.Status is (int)HttpStatusCode.ServiceUnavailable or >= 500;
            if (!isUnsettled || (loadEnds.IsCancellationRequested && --left < 0))
            {
                return;
            }

            await Task.Delay(random.Next(200, 600), ct);
        }
    }

    private async Task UploadAndDelete(bool waits, CancellationToken ct)
    {
        if (await Upload(waits, ct) is { } id)
        {
            await Delete(id, ct);
        }
    }

    /// <summary>Deletes several ECGs at the same time: deletions of different ECGs must not block each other.</summary>
    private Task DeleteSeveral(CancellationToken ct)
    {
        var chosen = Enumerable.Range(0, Math.Min(3, ids.Count)).Select(_ => ids[random.Next(ids.Count)]).Distinct().ToList();
        return Task.WhenAll(chosen.Select(id => Delete(id, ct)));
    }

    private async Task Delete(Guid id, CancellationToken ct)
    {
        ids.Remove(id);
        await Send(new Request(OperationKind.Delete, HttpMethod.Delete, $"{Route}/{id}") { Ecg = id }, ct);
    }

    private Task<Operation> UploadMalformed(CancellationToken ct)
    {
        var externalId = $"{NewExternalId()}-malformed";
        var request = new Request(OperationKind.MalformedUpload, HttpMethod.Post, Route)
        {
            Body = Recording.Malformed(random, externalId),
            ExternalId = externalId,
        };
        return Send(request, ct);
    }

    private async Task Read(CancellationToken ct)
    {
        if (ids.Count > 0)
        {
            var id = ids[random.Next(ids.Count)];
            await Send(new Request(OperationKind.ReadInsights, HttpMethod.Get, $"{Route}/{id}/insights") { Ecg = id }, ct);
        }
    }

    private Guid? Remember(Operation operation)
    {
        if (!operation.IsSuccess || operation.Ecg is not { } id)
        {
            return null;
        }

        ids.Add(id);
        if (ids.Count > KeptIds)
        {
            ids.RemoveAt(0);
        }

        return id;
    }

    private async Task<Operation> Send(Request request, CancellationToken ct)
    {
        var (operation, _) = await caller.Send(request with { Token = token }, ct);
        if (operation.Status == (int)HttpStatusCode.Unauthorized)
        {
            // The token is expired, as after a jump of the clock. The checker reports it if the new token is rejected too.
            token = await caller.Get(Tokens.ForClient(credentials, Scope), ct) ?? token;
        }
        else if (operation.Outcome != Outcome.Answered)
        {
            await Task.Delay(100, ct);
        }

        return operation;
    }
}
