namespace Idoven.Ecgs.Domain;

/// <summary>The insights of an ECG by one version of the engine. There is one set per ECG and version.</summary>
/// <param name="EcgId">The ECG.</param>
/// <param name="EngineVersion">The version of the engine.</param>
/// <param name="CreatedAt">When it was stored.</param>
/// <param name="Document">The insight document, JSON in UTF-8.</param>
/// <param name="IsIncomplete">Whether an insight is missing because its computation ran out of time; such a set may be computed again.</param>
internal sealed record InsightSet(Guid EcgId, string EngineVersion, DateTimeOffset CreatedAt, byte[] Document, bool IsIncomplete = false);
