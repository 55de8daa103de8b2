using Idoven.Drills.Checking;
using Idoven.Drills.Load;

namespace Idoven.Drills.Faults;

/// <summary>
/// Uploads recordings that make the analysis misbehave, between good ones. Their analysis must end, and the good ones must not be affected.
/// </summary>
internal static class PoisonFaults
{
    /// <summary>The sum of all delays between attempts, with 20 attempts of an insight that uses its whole time budget.</summary>
    private const double EndSeconds = 150;
    private const double AcceptedWithinSeconds = 30;

    /// <summary>Gets settings with short delays between the attempts, so that all of them take place within a drill.</summary>
    public static Dictionary<string, string> Settings { get; } =
        Enumerable.Range(0, 4).ToDictionary(number => $"Ecgs:RetryAfter:{number}", _ => "00:00:00.5");

    public static FaultTraits Traits { get; } = new() { HasPoison = true };

    /// <summary>Limits the memory to a value that is enough for the load but is used up quickly.</summary>
    public static Task<string?> LimitMemory(Running.Deployment deployment, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        deployment.Environment["DOTNET_GCHeapHardLimit"] = "0x30000000";
        return Task.FromResult<string?>(null);
    }

    public static Task Throw(FaultContext context) => Run(context, Poison.Throws, "processed");

    public static Task Spin(FaultContext context) => Run(context, Poison.Spins, "processed");

    public static Task WantMemory(FaultContext context) => Run(context, Poison.WantsMemory, "failed");

    public static Task KillHost(FaultContext context) => Run(context, Poison.KillsHost, "failed");

    private static async Task Run(FaultContext context, Poison poison, string expected)
    {
        using var caller = new Caller("poisoner", context.Hosts, context.Deployment.History, new Random(2));
        var token = await caller.Get(Tokens.ForClient(context.Deployment.Template.Uploaders[^2], "ecgs:read ecgs:write"), context.Ct);
        var externalId = $"poison-{poison}";
        var request = new Request(OperationKind.Upload, HttpMethod.Post, "/api/v1/ecgs")
        {
            Token = token,
            Body = Recording.Body(externalId, [PoisonInsight.Samples(poison)]),
            ExternalId = externalId,
            Key = $"key-{externalId}",
        };
        Guid? accepted = null;
        if (await context.WaitUntil(IsAccepted, AcceptedWithinSeconds) is null)
        {
            context.Observed.Add(new("fault-not-injected", "the poisoned upload was not accepted"));
            return;
        }

        var id = accepted!.Value;

        string? status = null;
        var seconds = await context.WaitUntil(IsFinished, EndSeconds);
        context.Notes.Add(FormattableString.Invariant($"poison {status} after {seconds:0.0} s"));
        if (status != expected)
        {
            context.Observed.Add(new("poison", $"the poisoned ECG is {status}, not {expected}, after {EndSeconds:0} s"));
        }

        // The supervisor restarts the host that was killed last.
        await Task.WhenAll(context.Hosts.Select(host => context.WaitUntil(() => host.IsReady(context.Ct), 30)));

        async Task<bool> IsAccepted()
        {
            accepted = (await caller.Send(request, context.Ct)).Operation.Ecg;
            return accepted is not null;
        }

        async Task<bool> IsFinished()
        {
            status = (await context.Database.Rows(
                "select status from ecgs.ecgs where id = $1", row => row.GetString(0), context.Ct, id)).SingleOrDefault();
            return status != "queued";
        }
    }
}
