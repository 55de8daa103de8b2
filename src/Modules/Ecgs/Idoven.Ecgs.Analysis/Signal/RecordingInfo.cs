namespace Idoven.Ecgs.Analysis.Signal;

/// <summary>Represents the properties of a recording besides its samples.</summary>
/// <param name="SamplingFrequency">Samples per second (Hz); null if unknown, in which case no result is in seconds.</param>
/// <param name="AdcZero">The sample value of zero input; null if unknown, in which case the median is used as the baseline.</param>
public sealed record RecordingInfo(double? SamplingFrequency = null, int? AdcZero = null);
