using Idoven.Ecgs.Analysis.Beats;

namespace Idoven.Ecgs.Domain;

/// <summary>Represents the beats that one version of the engine found in one lead or in all leads together.</summary>
/// <param name="EcgId">The ECG.</param>
/// <param name="EngineVersion">The version of the engine; an insight set of this version exists.</param>
/// <param name="LeadNumber">The number of the lead; <see cref="AllLeads"/> for all leads together.</param>
/// <param name="Beats">The beats, in order of time.</param>
internal sealed record BeatList(Guid EcgId, string EngineVersion, short LeadNumber, IReadOnlyList<ClassifiedBeat> Beats)
{
    public const short AllLeads = -1;
}
