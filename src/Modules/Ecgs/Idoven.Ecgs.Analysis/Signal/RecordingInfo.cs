namespace Idoven.Ecgs.Analysis;

/// <summary>What is known of a recording beside its samples.</summary>
/// <param name="SamplingFrequency">Samples a second (Hz); null where unknown: then nothing is given in seconds.</param>
/// <param name="AdcZero">The sample value of zero input; null where unknown: then the median stands for the baseline.</param>
public sealed record RecordingInfo(double? SamplingFrequency = null, int? AdcZero = null);
