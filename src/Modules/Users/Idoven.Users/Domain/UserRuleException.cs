namespace Idoven.Users.Domain;

/// <summary>A value breaks a rule.</summary>
/// <param name="member">Of the body, as it is written there.</param>
/// <param name="rule">For whoever sent it.</param>
internal sealed class UserRuleException(string member, string rule) : Exception(rule)
{
    public string Member { get; } = member;
}
