using System.ComponentModel.DataAnnotations;
using Idoven.Ecgs.Domain;

namespace Idoven.Ecgs.Api;

/// <summary>An ECG without its samples.</summary>
/// <param name="Id">Made by the service.</param>
/// <param name="OwnerId">Whoever uploaded it: a user's id, or <c>client:</c> and the id of a machine client.</param>
/// <param name="Date">When it was recorded, UTC.</param>
/// <param name="Status"><c>queued</c>, <c>processed</c> or <c>failed</c>.</param>
/// <param name="FailureReason">Why the analysis was given up; null otherwise.</param>
/// <param name="SubmittedAt">When it was stored.</param>
/// <param name="ProcessedAt">When the analysis ended, well or not; null until then.</param>
/// <param name="SamplingFrequency">Samples a second (Hz); null where it was not given.</param>
/// <param name="Unit">Of a sample, as sent.</param>
/// <param name="Gain">Sample values for each unit, as sent.</param>
/// <param name="AdcZero">The sample value of zero input, as sent.</param>
/// <param name="ExternalId">The uploader's own name for it.</param>
/// <param name="Sha256">Of the unpacked body of the upload, in hexadecimal.</param>
/// <param name="Leads">In the order of the upload.</param>
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
        {"id":"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0f","ownerId":"client:gateway","date":"2026-11-23T09:15:00+00:00","status":"queued","failureReason":null,
        "submittedAt":"2026-11-23T09:16:00+00:00","processedAt":null,"samplingFrequency":500,"unit":"uV","gain":null,"adcZero":null,"externalId":"study-7",
        "sha256":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","leads":[{"name":"I","samples":6},{"name":"II","samples":6}]}
        """;

    public static EcgResponse FromEcg(Ecg ecg) => new(
        ecg.Id, ecg.OwnerId, ecg.Date, ecg.Status.ToText(), ecg.FailureReason, ecg.SubmittedAt, ecg.ProcessedAt, ecg.SamplingFrequency,
        ecg.Unit, ecg.Gain, ecg.AdcZero, ecg.ExternalId, Convert.ToHexStringLower(ecg.BodySha256),
        [.. ecg.Leads.OrderBy(lead => lead.Number).Select(lead => new LeadResponse(lead.Name, lead.Samples))]);
}

/// <summary>A lead without its samples.</summary>
/// <param name="Name">As sent.</param>
/// <param name="Samples">How many samples it has.</param>
internal sealed record LeadResponse(string Name, int Samples);
