using Idoven.Ecgs.Api.Upload;
using Idoven.Ecgs.Application;
using Idoven.Ecgs.Application.Accesses;
using Idoven.Ecgs.Application.Processing;
using Idoven.Ecgs.Infrastructure;
using Idoven.Shared.Data.Limits;

namespace Idoven.Ecgs;

/// <summary>Lists the limited resources of the module for docs/shares.md.</summary>
internal static class EcgShares
{
    private const string Caller = "a user or a machine client, with the client that its token was issued to";
    private const string Owner = "an owner: a user or a machine client";
    private static readonly EcgsOptions Default = new();

    public static IReadOnlyList<LimitedResource> All { get; } =
    [
        new(
            "uploads in progress",
            Caller,
            $"{Default.Uploads} of a host (`Ecgs:Uploads`)",
            $"{Default.UploadsPerCaller} while others upload (`Ecgs:UploadsPerCaller`), else three quarters",
            "429 `too-many-at-once`; 503"),
        new(
            "turns of uploads",
            Caller,
            "half the processors for parsing; as many as there are processors that store, half as many while the analysis is behind",
            "callers take turns",
            $"the upload waits for the caller's next turn, to be stored for {UploadGate.StoreWithin.TotalSeconds} s at most, "
                + $"or {UploadGate.StoreWithoutProgress.TotalMilliseconds} ms if none is stored meanwhile: 503"),
        new(
            "memory for uploads",
            Caller,
            $"{Default.SignalBudgetBytes >> 20} MiB of a host (`Ecgs:SignalBudgetBytes`)",
            $"a sixteenth, and three quarters while a quarter is free; "
                + $"less than {PacedBody.MinBytesPerSecond / 1000} kB/s over 30 s ends an upload",
            "429 `too-many-at-once`; 503; 408"),
        new(
            "stored samples",
            Owner,
            "none",
            "none unless `Ecgs:SamplesPerOwner` is set",
            "403 `quota-exceeded`"),
        new(
            "turns of the analysis",
            Owner,
            $"{DispatchEcgsJob.MaxPerHost} ECGs that were sent to a host (past `Ecgs:Backlog` uploads get 503)",
            "owners take turns",
            "the ECG waits for the owner's next turn"),
        new(
            "requests that wait for insights",
            Owner,
            $"{IInsightWaiters.MaxWaiting} of a host",
            $"{IInsightWaiters.MaxWaitingPerOwner}, and three quarters while a quarter is free",
            "202 at once, as if it had not waited"),
        new(
            "downloads in progress",
            Caller,
            $"{Default.Downloads} of a host (`Ecgs:Downloads`)",
            $"{Default.DownloadsPerCaller} (`Ecgs:DownloadsPerCaller`)",
            "429 `too-many-at-once`; 503"),
        new(
            "rows of the access log in memory",
            Caller,
            $"{new AccessOptions().Buffer} of a host (`Access:Buffer`)",
            $"one in {AccessLog.CallersPerBuffer} of them",
            "503 for reads"),
    ];
}
