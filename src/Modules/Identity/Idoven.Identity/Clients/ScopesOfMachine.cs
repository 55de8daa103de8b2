using Idoven.Ecgs.Contracts;
using Idoven.Identity.TokenServer.Endpoints;
using Idoven.Users.Contracts;

namespace Idoven.Identity.Clients;

/// <summary>What a machine client may be granted: by an administrator, or on the host.</summary>
internal static class ScopesOfMachine
{
    /// <summary>To ask what a token is worth. It is a right of the client itself: no token carries it.</summary>
    public const string Introspection = "introspection";

    // Reading the events and everybody's insights, and asking about everybody's tokens, is granted where no administrator of the service is.
    private static readonly string[] HostOnly = [EcgsScopes.ReadEvents, EcgsScopes.ReadAnyInsights, Introspection];

    public static IReadOnlyList<string> Grantable { get; } =
        [EcgsScopes.Read, EcgsScopes.Write, UsersScopes.Read, UsersScopes.Write];

    public static IReadOnlyList<string> OnHost { get; } = [.. Grantable, .. HostOnly];

    /// <summary>Whether a client holds what only the host grants.</summary>
    public static bool IsHosts(IEnumerable<string> scopes) => scopes.Intersect(HostOnly).Any();

    /// <summary>Whether a client with these scopes may read or write ECGs, its own or those of the users that sign in through it.</summary>
    public static bool ReachEcgs(IEnumerable<string> scopes) => scopes.Any(scope => scope.StartsWith("ecgs:", StringComparison.Ordinal));

    /// <summary>Whether no administrator may know a credential of a client with these scopes.</summary>
    public static bool AreGuarded(IReadOnlyList<string> scopes) =>
        IsHosts(scopes) || ReachEcgs(scopes) || ScopesOfRole.ReachAccounts(scopes);
}
