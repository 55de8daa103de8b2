namespace Idoven.Identity.Contracts;

/// <summary>The account's holder chose a password: activation is over.</summary>
/// <param name="UserId">The user.</param>
/// <param name="At">When, UTC.</param>
public sealed record AccountActivated(Guid UserId, DateTimeOffset At);
