namespace Idoven.Ecgs.Contracts;

/// <summary>Public event <c>ecg.failed.v1</c>: the analysis failed after its last attempt.</summary>
/// <param name="EcgId">The ECG.</param>
/// <param name="OwnerId">The subject of the owner.</param>
/// <param name="Date">The date of the recording, UTC.</param>
/// <param name="FailedAt">The time at which the last attempt failed, UTC.</param>
/// <param name="Reason">The code of the reason; never content of the ECG.</param>
public sealed record EcgFailed(Guid EcgId, string OwnerId, DateTimeOffset Date, DateTimeOffset FailedAt, string Reason);
