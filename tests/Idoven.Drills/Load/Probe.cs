using Idoven.Drills.Running;

namespace Idoven.Drills.Load;

/// <summary>Measures how long it takes until the service accepts and analyses an ECG again.</summary>
internal sealed class Probe(Deployment deployment, string name) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private readonly Caller caller = new(name, deployment.Hosts, deployment.History, new Random(1));
    private int number;

    public void Dispose() => caller.Dispose();

    /// <summary>Uploads to the given hosts in turn until one accepts, and waits until the ECG is processed.</summary>
    /// <returns>The seconds since the call; null if the limit was exceeded.</returns>
    public async Task<double?> MeasureProcessing(IReadOnlyList<DrillHost> hosts, double withinSeconds, CancellationToken ct)
    {
        var since = deployment.Clock.Elapsed.TotalSeconds;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromSeconds(withinSeconds));
        try
        {
            Guid? id = null;
            var credentials = Tokens.ForClient(deployment.Template.Uploaders[^1], "ecgs:read ecgs:write");
            for (string? token = null; id is null; await Task.Delay(Pause, limit.Token))
            {
                var host = hosts[number % hosts.Count];
                if (token is null)
                {
                    var signIn = new Request(OperationKind.Token, HttpMethod.Post, "/connect/token") { Form = credentials };
                    var (signedIn, body) = await caller.Send(signIn, host, limit.Token);
                    token = signedIn.IsSuccess ? body.GetProperty("access_token").GetString() : null;
                }

                if (token is not null)
                {
                    var externalId = $"{name}-{++number}";
                    var upload = new Request(OperationKind.Upload, HttpMethod.Post, "/api/v1/ecgs")
                    {
                        Token = token,
                        Body = Recording.Body(new Random(number), externalId),
                        ExternalId = externalId,
                    };
                    var (uploaded, _) = await caller.Send(upload, host, limit.Token);
                    id = uploaded.IsSuccess ? uploaded.Ecg : null;
                }
            }

            const string processed = "select count(*) from ecgs.ecgs where id = $1 and status = 'processed'";
            while (await deployment.Database.Number(processed, limit.Token, id) == 0)
            {
                await Task.Delay(Pause, limit.Token);
            }

            return deployment.Clock.Elapsed.TotalSeconds - since;
        }
        catch (Exception e) when (e is OperationCanceledException or Npgsql.NpgsqlException && !ct.IsCancellationRequested)
        {
            return null;
        }
    }
}
