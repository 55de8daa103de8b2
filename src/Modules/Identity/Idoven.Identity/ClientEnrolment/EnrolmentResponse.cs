
namespace Idoven.Identity.ClientEnrolment;

/// <summary>What a client gets its first credential with.</summary>
/// <param name="Token">Good once; shown this once, and null where the request is repeated under its key.</param>
/// <param name="ExpiresAt">The end of the token; null where the request is repeated under its key.</param>
internal sealed record EnrolmentResponse(string? Token, DateTimeOffset? ExpiresAt)
{
    public const string Example = """{"token":"q2N7oZkq3gq0yJm0m4c8Yl2bq6m1XWvQ3kS1n5n8r0A","expiresAt":"2026-11-26T09:15:00+00:00"}""";

    public static EnrolmentResponse FromEnrolment(Enrolment enrolment) => new(enrolment.Token, enrolment.ExpiresAt);
}
