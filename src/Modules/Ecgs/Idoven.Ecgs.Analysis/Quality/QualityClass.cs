using System.Text.Json.Serialization;

namespace Idoven.Ecgs.Analysis.Quality;

/// <summary>Represents the reliability of a signal.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<QualityClass>))]
public enum QualityClass
{
    /// <summary>No result can be derived from it.</summary>
    [JsonStringEnumMemberName("unusable")]
    Unusable,

    /// <summary>Beats may be missed or falsely detected.</summary>
    [JsonStringEnumMemberName("poor")]
    Poor,

    /// <summary>Noisy, but usable.</summary>
    [JsonStringEnumMemberName("fair")]
    Fair,

    /// <summary>Clean.</summary>
    [JsonStringEnumMemberName("good")]
    Good,
}
