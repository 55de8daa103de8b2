namespace Idoven.Shared.Data.Limits;

/// <summary>
/// Describes a resource that is limited on a host, in its database or for the receivers of its e-mails, and how it is divided.
/// <c>docs/shares.md</c> is printed from what the modules register.
/// </summary>
/// <param name="Name">The name, as in the trait of the tests that prove the row.</param>
/// <param name="TakenBy">The callers that can take it.</param>
/// <param name="Limit">The maximum of all callers together.</param>
/// <param name="Share">The maximum of one caller.</param>
/// <param name="Answer">The response to a caller beyond its share, and the response if nothing is left.</param>
public sealed record LimitedResource(string Name, string TakenBy, string Limit, string Share, string Answer);
