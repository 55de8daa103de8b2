namespace Idoven.Ecgs.Domain;

/// <summary>What one version of the engine made of an ECG. One a version, for ever: a second analysis by the same version finds it.</summary>
internal sealed record InsightSet(Guid EcgId, string EngineVersion, DateTimeOffset CreatedAt, byte[] Document);
