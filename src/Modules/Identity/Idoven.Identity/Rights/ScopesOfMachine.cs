using Idoven.Ecgs.Contracts;
using Idoven.Users.Contracts;

namespace Idoven.Identity.Rights;

/// <summary>The scopes that a machine client may be granted: by an administrator, or on the host.</summary>
internal static class ScopesOfMachine
{
    /// <summary>The right to introspect tokens. It belongs to the client itself: no token contains it.</summary>
    public const string Introspection = "introspection";

    // Access to the events, insights and tokens of all users is granted by operators, and not by administrators.
    private static readonly string[] HostOnly = [EcgsScopes.ReadEvents, EcgsScopes.ReadAnyInsights, Introspection];

    public static IReadOnlyList<string> Grantable { get; } =
        [EcgsScopes.Read, EcgsScopes.Write, UsersScopes.Read, UsersScopes.Write];

    public static IReadOnlyList<string> OnHost { get; } = [.. Grantable, .. HostOnly];

    /// <summary>Returns whether a scope is granted on the host only.</summary>
    public static bool IncludeHostOnly(IEnumerable<string> scopes) => scopes.Intersect(HostOnly).Any();

    /// <summary>
    /// Returns whether a client with these scopes may read or write ECGs, its own or those of users that sign in through it.
    /// </summary>
    public static bool ReachEcgs(IEnumerable<string> scopes) => scopes.Any(scope => scope.StartsWith("ecgs:", StringComparison.Ordinal));

    /// <summary>Returns whether administrators must not know a credential of a client with these scopes.</summary>
    public static bool AreGuarded(IReadOnlyList<string> scopes) =>
        IncludeHostOnly(scopes) || ReachEcgs(scopes) || ScopesOfRole.ReachAccounts(scopes);
}
