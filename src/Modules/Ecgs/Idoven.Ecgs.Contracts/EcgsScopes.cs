namespace Idoven.Ecgs.Contracts;

/// <summary>The names of the module's scopes in access tokens.</summary>
public static class EcgsScopes
{
    /// <summary>The audience of tokens that have one of the scopes.</summary>
    public const string Audience = "idoven.ecgs";

    public const string Read = "ecgs:read";
    public const string Write = "ecgs:write";
    public const string ReadEvents = "events:read";
    public const string ReadAnyInsights = "insights:read:any";
}
