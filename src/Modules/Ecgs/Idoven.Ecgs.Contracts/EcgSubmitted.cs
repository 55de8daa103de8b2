namespace Idoven.Ecgs.Contracts;

/// <summary>An ECG is due for its analysis. Ecgs sends this message to itself.</summary>
/// <param name="EcgId">The ECG.</param>
public sealed record EcgSubmitted(Guid EcgId);
