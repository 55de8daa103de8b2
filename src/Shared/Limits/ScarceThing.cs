namespace Idoven.Shared.Limits;

/// <summary>
/// Describes something of which a host, its database or the people it writes to have only so much, and how it is divided: <c>docs/shares.md</c> is printed
/// from what the modules register.
/// </summary>
/// <param name="Name">What it is, as the tests that prove the row name it.</param>
/// <param name="TakenBy">Who can take it.</param>
/// <param name="Limit">The most of all callers together.</param>
/// <param name="Share">The most of one caller.</param>
/// <param name="Answer">What a caller beyond its share gets, and what one gets if nothing is left.</param>
public sealed record ScarceThing(string Name, string TakenBy, string Limit, string Share, string Answer);
