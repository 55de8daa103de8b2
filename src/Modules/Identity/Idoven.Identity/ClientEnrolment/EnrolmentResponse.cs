
namespace Idoven.Identity.ClientEnrolment;

/// <summary>The enrolment token with which a client gets its first credential.</summary>
/// <param name="Token">
/// The token, valid once; it cannot be read again, and is null if the request is repeated with its Idempotency-Key.
/// </param>
/// <param name="ExpiresAt">When the token expires; null if the request is repeated with its Idempotency-Key.</param>
internal sealed record EnrolmentResponse(string? Token, DateTimeOffset? ExpiresAt)
{
    public const string Example = """{"token":"q2N7oZkq3gq0yJm0m4c8Yl2bq6m1XWvQ3kS1n5n8r0A","expiresAt":"2026-11-26T09:15:00+00:00"}""";

    public static EnrolmentResponse FromEnrolment(Enrolment enrolment) => new(enrolment.Token, enrolment.ExpiresAt);
}
