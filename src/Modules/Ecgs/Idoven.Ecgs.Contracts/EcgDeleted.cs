namespace Idoven.Ecgs.Contracts;

/// <summary>Public event <c>ecg.deleted.v1</c>: the ECG and everything computed from it were deleted.</summary>
/// <param name="EcgId">The ECG.</param>
/// <param name="OwnerId">The subject of the owner.</param>
/// <param name="DeletedAt">The time of the deletion, UTC.</param>
public sealed record EcgDeleted(Guid EcgId, string OwnerId, DateTimeOffset DeletedAt);
