namespace Idoven.Ecgs.Domain;

/// <summary>What one version of the engine made of an ECG: one set a version. Only an incomplete set is ever replaced.</summary>
/// <param name="EcgId">The ECG.</param>
/// <param name="EngineVersion">The version of the engine.</param>
/// <param name="CreatedAt">When it was stored.</param>
/// <param name="Document">The insights in JSON.</param>
/// <param name="IsIncomplete">Whether an insight is missing because it exceeded its time budget.</param>
internal sealed record InsightSet(Guid EcgId, string EngineVersion, DateTimeOffset CreatedAt, byte[] Document, bool IsIncomplete = false);
