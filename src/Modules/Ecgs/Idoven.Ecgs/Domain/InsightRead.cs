namespace Idoven.Ecgs.Domain;

/// <summary>That a machine client read the insights of an ECG which it may see as everybody's. Ids only; it outlives the ECG and its owner.</summary>
internal sealed record InsightRead(Guid Id, Guid EcgId, string ClientId, DateTimeOffset At, string? TraceId);
