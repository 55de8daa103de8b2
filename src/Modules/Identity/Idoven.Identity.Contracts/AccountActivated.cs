namespace Idoven.Identity.Contracts;

/// <summary>The user has chosen the first password of the account.</summary>
/// <param name="UserId">The user's id.</param>
/// <param name="At">The time of the activation, in UTC.</param>
public sealed record AccountActivated(Guid UserId, DateTimeOffset At);
