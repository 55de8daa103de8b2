namespace Idoven.Identity.Contracts;

/// <summary>The names of the module's scopes in access tokens.</summary>
public static class IdentityScopes
{
    /// <summary>The audience of tokens that have one of the scopes.</summary>
    public const string Audience = "idoven.identity";

    public const string OpenId = "openid";
    public const string Profile = "profile";
    public const string OfflineAccess = "offline_access";
    public const string Account = "account";
    public const string ManageClients = "clients:manage";
    public const string OwnClient = "clients:self";
}
