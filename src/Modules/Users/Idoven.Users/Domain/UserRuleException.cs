namespace Idoven.Users.Domain;

/// <summary>A value breaks a rule.</summary>
/// <param name="member">The JSON member of the body.</param>
/// <param name="rule">The rule, for the client.</param>
internal sealed class UserRuleException(string member, string rule) : Exception(rule)
{
    public string Member { get; } = member;
}
