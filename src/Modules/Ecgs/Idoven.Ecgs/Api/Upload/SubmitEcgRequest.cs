using System.ComponentModel.DataAnnotations;

namespace Idoven.Ecgs.Api.Upload;

/// <summary>Represents an ECG to be stored. The record is for the OpenAPI document; <see cref="UploadReader"/> reads the body.</summary>
/// <param name="Date">
/// The date of the recording: ISO 8601 with offset (<c>+01:00</c> or <c>+0100</c>), from 1850-01-01 to 9999-12-31 in UTC.
/// </param>
/// <param name="Leads">The leads; their names are unique within the ECG.</param>
/// <param name="SamplingFrequency">
/// The number of samples per second (Hz). Without it the insights have no times: beats are counted, and their intervals are in samples.
/// </param>
/// <param name="Unit">The unit of the samples, such as <c>uV</c>; kept as sent.</param>
/// <param name="Gain">The difference of sample values that corresponds to one unit.</param>
/// <param name="AdcZero">The sample value of zero input; may be written as <c>1024.0</c>.</param>
/// <param name="ExternalId">Your own id of the ECG, which need not be unique.</param>
internal sealed record SubmitEcgRequest(
    DateTimeOffset Date,
    [property: Length(1, UploadLimits.MaxLeads)] IReadOnlyList<LeadRequest> Leads,
    [property: Range(0, UploadDocument.MaxSamplingFrequency, MinimumIsExclusive = true)] double? SamplingFrequency = null,
    [property: Length(1, UploadDocument.MaxUnitLength)] string? Unit = null,
    [property: Range(0, double.MaxValue, MinimumIsExclusive = true)] double? Gain = null,
    int? AdcZero = null,
    [property: Length(1, UploadDocument.MaxExternalIdLength)] string? ExternalId = null)
{
    public const string Example =
        """
        {"date":"2026-11-23T10:15:00+01:00",
        "leads":[{"name":"I","samples":6,"signal":[12,-3,7,-9,15,-2]},{"name":"II","signal":[4,4,-5,6,-7,8]}],
        "samplingFrequency":500,"unit":"uV","externalId":"study-7"}
        """;
}

/// <summary>Represents one lead.</summary>
/// <param name="Name">
/// The name, such as <c>I</c>, <c>aVR</c> or <c>MLII</c>: without control characters, and without spaces at its ends.
/// </param>
/// <param name="Signal">
/// The samples, integers within int32, stored as sent. Only zeros may follow a decimal point: <c>-3.00</c> is -3.
/// </param>
/// <param name="Samples">The number of samples, which must equal the length of the signal.</param>
internal sealed record LeadRequest(
    [property: Length(1, UploadDocument.MaxNameLength)] string Name,
    [property: MinLength(1)] IReadOnlyList<int> Signal,
    int? Samples = null);
