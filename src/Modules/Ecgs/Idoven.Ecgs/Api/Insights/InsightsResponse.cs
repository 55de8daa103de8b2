using System.Text;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Idoven.Ecgs.Analysis.Engine;
using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Analysis.Signal;
using Idoven.Shared.Web.Describe;

namespace Idoven.Ecgs.Api.Insights;

/// <summary>
/// Represents the insights of an ECG, which docs/insights.md defines. An insight that could not be computed is absent. The record is for
/// the OpenAPI document; <see cref="InsightDocument"/> writes the response.
/// </summary>
/// <param name="EngineVersion">The version of the engine that computed them.</param>
/// <param name="Definitions">The names of the definitions in force.</param>
/// <param name="Recording">The metadata of the recording that the analysis used.</param>
/// <param name="Leads">The insights of each lead, in the order of the upload.</param>
/// <param name="Global">The insights of all leads together.</param>
/// <param name="NotComputed">The insights that could not be computed, with the reasons.</param>
/// <param name="Disclaimer">A statement of what the insights must not be used for.</param>
[OmitsNull]
internal sealed record InsightsResponse(
    string EngineVersion, IReadOnlyList<string> Definitions, RecordingInfo Recording, IReadOnlyList<LeadInsightsResponse> Leads,
    GlobalInsightsResponse Global, IReadOnlyList<NotComputed> NotComputed, string Disclaimer)
{
    /// <summary>Gets a document with the examples of all insights.</summary>
    public static string Example { get; } = Encoding.UTF8.GetString(InsightDocument.CreateExample(InsightCatalog.Default).ToJson());

    /// <summary>
    /// Adds a member for each insight of a catalog to <see cref="LeadInsightsResponse"/> and <see cref="GlobalInsightsResponse"/>. The
    /// members are used to read JSON, and for the schemas of the OpenAPI document.
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

    /// <summary>Has a nullable property, which tells the OpenAPI document that a member may be absent.</summary>
    private sealed class OptionalMember<T>
        where T : class
    {
        public T? Value { get; init; }
    }
}

/// <summary>Represents a part of the insight document with one member for each insight.</summary>
internal interface IHasInsights
{
    /// <summary>Gets the results by the names of their insights.</summary>
    Dictionary<string, object?> Insights { get; }
}

/// <summary>Represents the insights of one lead.</summary>
/// <param name="Name">The name of the lead, as sent.</param>
/// <param name="Samples">The number of samples of the lead.</param>
internal sealed record LeadInsightsResponse(string Name, int Samples) : IHasInsights
{
    [JsonIgnore]
    public Dictionary<string, object?> Insights { get; } = [];
}

/// <summary>Represents the insights of all leads together.</summary>
internal sealed record GlobalInsightsResponse : IHasInsights
{
    [JsonIgnore]
    public Dictionary<string, object?> Insights { get; } = [];
}
