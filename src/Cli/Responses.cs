using System.Text.Json.Serialization;

namespace Idoven.Cli;

/// <summary>What the demo reads of <c>/.well-known/openid-configuration</c>.</summary>
internal sealed record Discovery([property: JsonPropertyName("token_endpoint")] Uri? TokenEndpoint);

/// <summary>The token endpoint's answer, good or bad.</summary>
internal sealed record TokenAnswer(
    [property: JsonPropertyName("access_token")] string? AccessToken,
    [property: JsonPropertyName("expires_in")] int ExpiresIn,
    string? Error,
    [property: JsonPropertyName("error_description")] string? ErrorDescription);

/// <summary>What the demo reads of a stored ECG.</summary>
internal sealed record EcgAnswer(Guid Id, string Status, string? Sha256, IReadOnlyList<LeadAnswer> Leads);

internal sealed record LeadAnswer(string Name, int Samples);

/// <summary>Samples of a lead.</summary>
internal sealed record SignalAnswer(IReadOnlyList<int> Signal);

/// <summary>The beats that were found.</summary>
internal sealed record BeatsAnswer(double SamplingFrequency, IReadOnlyList<BeatAnswer> Beats);

internal sealed record BeatAnswer(int Sample, string Class);

/// <summary>A refusal (RFC 9457).</summary>
internal sealed record ProblemAnswer(string? Title, string? Detail, string? TraceId, IReadOnlyList<ProblemPart>? Errors);

internal sealed record ProblemPart(string? Pointer, string? Detail);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Discovery))]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(EcgAnswer))]
[JsonSerializable(typeof(ProblemAnswer))]
[JsonSerializable(typeof(SignalAnswer))]
[JsonSerializable(typeof(BeatsAnswer))]
internal sealed partial class AnswersJson : JsonSerializerContext;
