using System.Text;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Idoven.Ecgs.Analysis.Engine;
using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Analysis.Signal;
using Idoven.Shared.Web.Describe;

namespace Idoven.Ecgs.Api.Insights;

/// <summary>
/// The insights of an ECG; docs/insights.md defines each. The form is for the document: <see cref="InsightDocument"/> writes it. What
/// could not be computed is absent.
/// </summary>
/// <param name="EngineVersion">Of the analysis that made them.</param>
/// <param name="Definitions">In force, by name.</param>
/// <param name="Recording">What was known of the recording.</param>
/// <param name="Leads">The insights of each lead, in the order of the upload.</param>
/// <param name="Global">Those of all leads together.</param>
/// <param name="NotComputed">What could not be computed, and why.</param>
/// <param name="Disclaimer">What this is not.</param>
[OmitsNull]
internal sealed record InsightsResponse(
    string EngineVersion, IReadOnlyList<string> Definitions, RecordingInfo Recording, IReadOnlyList<LeadInsightsResponse> Leads,
    GlobalInsightsResponse Global, IReadOnlyList<NotComputed> NotComputed, string Disclaimer)
{
    /// <summary>The examples of all insights, as a document.</summary>
    public static string Example { get; } = Encoding.UTF8.GetString(InsightDocument.CreateExample(InsightCatalog.Default).ToJson());

    /// <summary>
    /// Gives <see cref="LeadInsightsResponse"/> and <see cref="GlobalInsightsResponse"/> a member for each insight of a catalog: for
    /// reading JSON, and for the OpenAPI document, which takes its schemas from there.
    /// </summary>
    public static Action<JsonTypeInfo> AddMembers(InsightCatalog catalog) => type =>
    {
        IEnumerable<IInsight> insights = type.Type == typeof(LeadInsightsResponse) ? catalog.LeadInsights
            : type.Type == typeof(GlobalInsightsResponse) ? catalog.RecordingInsights
            : [];
        foreach (var insight in insights)
        {
            var member = type.CreateJsonPropertyInfo(insight.ResultType, insight.Name);
            var optional = typeof(OptionalMember<>).MakeGenericType(insight.ResultType);
            member.AttributeProvider = optional.GetProperty(nameof(OptionalMember<>.Value));
            member.Get = response => ((IHasInsights)response).Insights.GetValueOrDefault(insight.Name);
            member.Set = (response, value) => ((IHasInsights)response).Insights[insight.Name] = value;
            type.Properties.Add(member);
        }
    };

    /// <summary>A property that may be null, from which the OpenAPI document learns that a member may be absent.</summary>
    private sealed class OptionalMember<T>
        where T : class
    {
        public T? Value { get; init; }
    }
}

/// <summary>A form with one member for each insight.</summary>
internal interface IHasInsights
{
    /// <summary>The results by the names of their insights.</summary>
    Dictionary<string, object?> Insights { get; }
}

/// <summary>The insights of one lead.</summary>
/// <param name="Name">As sent.</param>
/// <param name="Samples">How many samples it has.</param>
internal sealed record LeadInsightsResponse(string Name, int Samples) : IHasInsights
{
    [JsonIgnore]
    public Dictionary<string, object?> Insights { get; } = [];
}

/// <summary>The insights of all leads together.</summary>
internal sealed record GlobalInsightsResponse : IHasInsights
{
    [JsonIgnore]
    public Dictionary<string, object?> Insights { get; } = [];
}
