namespace Idoven.Ecgs.Domain;

/// <summary>Represents the insights of an ECG by one engine version. There is one set for each ECG and version.</summary>
/// <param name="EcgId">The ECG.</param>
/// <param name="EngineVersion">The version of the engine.</param>
/// <param name="CreatedAt">The time at which the set was stored.</param>
/// <param name="Document">The insight document, JSON in UTF-8.</param>
/// <param name="IsIncomplete">
/// Whether an insight is missing because its computation ran out of time; such a set may be computed again.
/// </param>
internal sealed record InsightSet(
    Guid EcgId, string EngineVersion, DateTimeOffset CreatedAt, byte[] Document, bool IsIncomplete = false);
