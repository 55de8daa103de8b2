namespace Idoven.Ecgs.Domain;

/// <summary>The beats that one version of the engine found, of one lead or of all leads together.</summary>
/// <param name="EcgId">The ECG.</param>
/// <param name="EngineVersion">Of the insight set that they belong to.</param>
/// <param name="LeadNumber">The lead; <see cref="AllLeads"/> for all together.</param>
/// <param name="Beats">Encoded.</param>
internal sealed record BeatList(Guid EcgId, string EngineVersion, short LeadNumber, byte[] Beats)
{
    public const short AllLeads = -1;
}
