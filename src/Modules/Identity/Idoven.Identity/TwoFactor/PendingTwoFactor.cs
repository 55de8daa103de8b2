using Idoven.Identity.OneTimeTokens;

namespace Idoven.Identity.TwoFactor;

/// <summary>
/// Represents a sign-in whose password was right and that requires a second factor, or the set-up of one, before it completes.
/// </summary>
/// <param name="Token">A one-time token that is valid for a few minutes and a few wrong codes.</param>
internal sealed record PendingTwoFactor(string Token, TokenUse Use);
