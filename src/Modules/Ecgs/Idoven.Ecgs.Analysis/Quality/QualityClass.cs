using System.Text.Json.Serialization;

namespace Idoven.Ecgs.Analysis.Quality;

/// <summary>How far a signal can be relied on.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<QualityClass>))]
public enum QualityClass
{
    /// <summary>Nothing can be told from it.</summary>
    [JsonStringEnumMemberName("unusable")]
    Unusable,

    /// <summary>Beats may be missed or made up.</summary>
    [JsonStringEnumMemberName("poor")]
    Poor,

    /// <summary>Disturbed, but readable.</summary>
    [JsonStringEnumMemberName("fair")]
    Fair,

    /// <summary>Clear.</summary>
    [JsonStringEnumMemberName("good")]
    Good,
}
