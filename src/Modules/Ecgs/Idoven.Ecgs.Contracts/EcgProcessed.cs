namespace Idoven.Ecgs.Contracts;

/// <summary>Public event <c>ecg.processed.v1</c>: the insights are stored.</summary>
/// <param name="EcgId">The ECG.</param>
/// <param name="OwnerId">The subject of the owner.</param>
/// <param name="Date">The date of the recording, UTC.</param>
/// <param name="ProcessedAt">The time at which the insights were stored, UTC.</param>
/// <param name="EngineVersion">The version of the engine.</param>
/// <param name="Leads">One entry for each lead; absent if <c>Events:Summary</c> is false.</param>
/// <param name="InsightsUrl">The path of the complete insights, relative to the service.</param>
public sealed record EcgProcessed(
    Guid EcgId,
    string OwnerId,
    DateTimeOffset Date,
    DateTimeOffset ProcessedAt,
    string EngineVersion,
    IReadOnlyList<EcgProcessedLead>? Leads,
    string InsightsUrl);

/// <summary>Represents one lead of <see cref="EcgProcessed"/>.</summary>
/// <param name="Name">The name of the lead, as sent.</param>
/// <param name="Samples">The number of samples.</param>
/// <param name="ZeroCrossings">The number of zero crossings of the signal as sent; null if they could not be computed.</param>
public sealed record EcgProcessedLead(string Name, int Samples, long? ZeroCrossings);
