namespace Idoven.Ecgs.Contracts;

/// <summary>An ECG was stored and waits for its analysis. Ecgs to itself.</summary>
/// <param name="EcgId">The ECG.</param>
public sealed record EcgSubmitted(Guid EcgId);
