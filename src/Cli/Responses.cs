using System.Text.Json.Serialization;

namespace Idoven.Cli;

/// <summary>Represents the members of <c>/.well-known/openid-configuration</c> that the demo reads.</summary>
internal sealed record Discovery([property: JsonPropertyName("token_endpoint")] Uri? TokenEndpoint);

/// <summary>Represents a response of the token endpoint: a token or an error.</summary>
internal sealed record TokenResponse(
    [property: JsonPropertyName("access_token")] string? AccessToken,
    [property: JsonPropertyName("expires_in")] int ExpiresIn,
    string? Error,
    [property: JsonPropertyName("error_description")] string? ErrorDescription);

/// <summary>Represents the members of a stored ECG that the demo reads.</summary>
internal sealed record EcgResponse(Guid Id, string Status, string? Sha256, IReadOnlyList<LeadResponse> Leads);

/// <summary>Represents a lead of a stored ECG.</summary>
internal sealed record LeadResponse(string Name, int Samples);

/// <summary>Represents a range of samples of a lead.</summary>
internal sealed record SignalResponse(IReadOnlyList<int> Signal);

/// <summary>Represents the detected beats of an ECG.</summary>
/// <param name="SamplingFrequency">Samples per second.</param>
/// <param name="Beats">In order of time.</param>
internal sealed record BeatsResponse(double SamplingFrequency, IReadOnlyList<BeatResponse> Beats);

/// <summary>Represents a detected beat.</summary>
/// <param name="Sample">The index of its sample.</param>
/// <param name="Class">N, S or V.</param>
internal sealed record BeatResponse(int Sample, string Class);

/// <summary>Represents an error response (RFC 9457).</summary>
internal sealed record ProblemResponse(string? Title, string? Detail, string? TraceId, IReadOnlyList<ProblemError>? Errors);

/// <summary>Represents one error of a validation.</summary>
/// <param name="Pointer">The JSON pointer to the invalid member.</param>
/// <param name="Detail">What is wrong.</param>
internal sealed record ProblemError(string? Pointer, string? Detail);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Discovery))]
[JsonSerializable(typeof(TokenResponse))]
[JsonSerializable(typeof(EcgResponse))]
[JsonSerializable(typeof(ProblemResponse))]
[JsonSerializable(typeof(SignalResponse))]
[JsonSerializable(typeof(BeatsResponse))]
internal sealed partial class ResponsesJson : JsonSerializerContext;
