namespace Idoven.Ecgs.Contracts;

/// <summary>Public event <c>ecg.deleted.v1</c>: the ECG and everything computed from it are gone.</summary>
/// <param name="EcgId">The ECG.</param>
/// <param name="OwnerId">The subject it belonged to.</param>
/// <param name="DeletedAt">When, UTC.</param>
public sealed record EcgDeleted(Guid EcgId, string OwnerId, DateTimeOffset DeletedAt);
