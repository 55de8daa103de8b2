using Idoven.Ecgs.Domain;

namespace Idoven.Ecgs.Api;

/// <summary>An ECG without its samples.</summary>
/// <param name="Status"><c>queued</c>, <c>processed</c> or <c>failed</c>.</param>
/// <param name="FailureReason">Why the analysis was given up; absent otherwise.</param>
/// <param name="Sha256">Of the unpacked body of the upload, in hexadecimal.</param>
internal sealed record EcgResponse(
    Guid Id,
    string OwnerId,
    DateTimeOffset Date,
    string Status,
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
    public static EcgResponse Of(Ecg ecg) => new(
        ecg.Id, ecg.OwnerId, ecg.Date, ecg.Status.ToText(), ecg.FailureReason, ecg.SubmittedAt, ecg.ProcessedAt, ecg.SamplingFrequency,
        ecg.Unit, ecg.Gain, ecg.AdcZero, ecg.ExternalId, Convert.ToHexStringLower(ecg.BodySha256),
        [.. ecg.Leads.OrderBy(lead => lead.Number).Select(lead => new LeadResponse(lead.Name, lead.Samples))]);
}

internal sealed record LeadResponse(string Name, int Samples);
