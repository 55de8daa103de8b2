namespace Idoven.Ecgs.Contracts;

/// <summary>Public event <c>ecg.failed.v1</c>: the analysis was given up.</summary>
/// <param name="EcgId">The ECG.</param>
/// <param name="OwnerId">The subject it belongs to.</param>
/// <param name="Date">When it was recorded, UTC.</param>
/// <param name="FailedAt">When the last attempt failed, UTC.</param>
/// <param name="Reason">A code; never content of the ECG.</param>
public sealed record EcgFailed(Guid EcgId, string OwnerId, DateTimeOffset Date, DateTimeOffset FailedAt, string Reason);
