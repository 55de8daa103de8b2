namespace Idoven.Users.Contracts;

/// <summary>The names of the module's scopes in access tokens.</summary>
public static class UsersScopes
{
    /// <summary>The audience of tokens that have one of the scopes.</summary>
    public const string Audience = "idoven.users";

    public const string Read = "users:read";
    public const string Write = "users:write";
}
