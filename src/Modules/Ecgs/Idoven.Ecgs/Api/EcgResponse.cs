using System.ComponentModel.DataAnnotations;
using Idoven.Ecgs.Domain;

namespace Idoven.Ecgs.Api;

/// <summary>Represents an ECG without its samples.</summary>
/// <param name="Id">The id, which the service creates.</param>
/// <param name="OwnerId">
/// The user or machine client that uploaded it: a user's id, or <c>client:</c> and the id of a machine client.
/// </param>
/// <param name="Date">The date of the recording, UTC.</param>
/// <param name="Status"><c>queued</c>, <c>processed</c> or <c>failed</c>.</param>
/// <param name="FailureReason">The code of the reason if the analysis failed; null otherwise.</param>
/// <param name="SubmittedAt">The time at which it was stored.</param>
/// <param name="ProcessedAt">The time at which the analysis succeeded or failed; null until then.</param>
/// <param name="SamplingFrequency">The number of samples per second (Hz); null if it is unknown.</param>
/// <param name="Unit">The unit of the samples, as sent.</param>
/// <param name="Gain">The difference of sample values that corresponds to one unit, as sent.</param>
/// <param name="AdcZero">The sample value of zero input, as sent.</param>
/// <param name="ExternalId">The client's own id of the ECG.</param>
/// <param name="Sha256">The SHA-256 of the decompressed body of the upload, in hexadecimal.</param>
/// <param name="Leads">The leads, in the order of the upload.</param>
internal record EcgResponse(
    Guid Id,
    string OwnerId,
    DateTimeOffset Date,
    [property: AllowedValues("queued", "processed", "failed")] string Status,
    string? FailureReason,
    DateTimeOffset SubmittedAt,
    DateTimeOffset? ProcessedAt,
    double? SamplingFrequency,
    string? Unit,
    double? Gain,
    int? AdcZero,
    string? ExternalId,
    string Sha256,
    IReadOnlyList<LeadResponse> Leads)
{
    public const string Example =
        """
        {"id":"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0f","ownerId":"client:gateway","date":"2026-11-23T09:15:00+00:00",
        "status":"queued","failureReason":null,"submittedAt":"2026-11-23T09:16:00+00:00","processedAt":null,"samplingFrequency":500,
        "unit":"uV","gain":null,"adcZero":null,"externalId":"study-7",
        "sha256":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "leads":[{"name":"I","samples":6},{"name":"II","samples":6}]}
        """;

    public static EcgResponse FromEcg(Ecg ecg) => new(
        ecg.Id, ecg.OwnerId, ecg.Date, ecg.Status.ToText(), ecg.FailureReason, ecg.SubmittedAt, ecg.ProcessedAt, ecg.SamplingFrequency,
        ecg.Unit, ecg.Gain, ecg.AdcZero, ecg.ExternalId, Convert.ToHexStringLower(ecg.BodySha256),
        [.. ecg.Leads.OrderBy(lead => lead.Number).Select(lead => new LeadResponse(lead.Name, lead.Samples))]);
}

/// <summary>Represents a lead without its samples.</summary>
/// <param name="Name">The name, as sent.</param>
/// <param name="Samples">The number of samples.</param>
internal sealed record LeadResponse(string Name, int Samples);
