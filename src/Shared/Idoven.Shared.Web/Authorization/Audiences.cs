namespace Idoven.Shared.Web.Authorization;

/// <summary>One audience a module, and which scope opens which.</summary>
public static class Audiences
{
    public const string Ecgs = "idoven.ecgs";
    public const string Users = "idoven.users";
    public const string Identity = "idoven.identity";

    public static IReadOnlyList<string> All { get; } = [Ecgs, Users, Identity];

    /// <summary>The audiences of a token that carries this scope; empty for a scope nobody knows.</summary>
    public static IReadOnlyList<string> ForScope(string scope) => scope switch
    {
        Scopes.EcgsRead or Scopes.EcgsWrite or Scopes.EventsRead or Scopes.InsightsReadAny => [Ecgs],
        Scopes.UsersRead or Scopes.UsersWrite => [Users],
        Scopes.ClientsManage or Scopes.ClientsSelf or Scopes.OpenId or Scopes.Account or "profile" or "offline_access" => [Identity],
        Scopes.Operations => All,
        _ => [],
    };
}
