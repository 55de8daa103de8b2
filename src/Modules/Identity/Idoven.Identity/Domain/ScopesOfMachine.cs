namespace Idoven.Identity.Domain;

/// <summary>What a machine client may be granted by an administrator. Reading events and everybody's insights is granted on the host only.</summary>
internal static class ScopesOfMachine
{
    public static IReadOnlyList<string> Grantable { get; } = ["ecgs:read", "ecgs:write", "users:read", "users:write"];
}
