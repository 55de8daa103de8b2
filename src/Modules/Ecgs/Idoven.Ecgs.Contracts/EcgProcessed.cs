namespace Idoven.Ecgs.Contracts;

/// <summary>Public event <c>ecg.processed.v1</c>: insights are ready.</summary>
/// <param name="EcgId">The ECG.</param>
/// <param name="OwnerId">The subject it belongs to.</param>
/// <param name="Date">When it was recorded, UTC.</param>
/// <param name="ProcessedAt">When its insights were stored, UTC.</param>
/// <param name="EngineVersion">Version of the analysis engine.</param>
/// <param name="Leads">One entry a lead; absent where <c>Events:Summary</c> is false.</param>
/// <param name="InsightsUrl">Path of the whole insights, relative to the service.</param>
public sealed record EcgProcessed(
    Guid EcgId,
    string OwnerId,
    DateTimeOffset Date,
    DateTimeOffset ProcessedAt,
    string EngineVersion,
    IReadOnlyList<EcgProcessedLead>? Leads,
    string InsightsUrl);

/// <summary>One lead of <see cref="EcgProcessed"/>.</summary>
/// <param name="Name">The lead's name as sent.</param>
/// <param name="Samples">How many samples it has.</param>
/// <param name="ZeroCrossings">Zero crossings of the signal as sent; null where they could not be computed.</param>
public sealed record EcgProcessedLead(string Name, int Samples, long? ZeroCrossings);
