namespace Idoven.Cli;

/// <summary>
/// Represents the credentials of the demo: a user with a password, through the public client, or a machine client with a secret.
/// </summary>
internal sealed record Credentials(string Name, string Secret, bool IsClient)
{
    private const string PublicClient = "idoven-cli";
    private const string Scope = "ecgs:read ecgs:write";

    /// <summary>Gets the form fields of a token request.</summary>
    public IReadOnlyDictionary<string, string> Form => IsClient
        ? new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = Name,
            ["client_secret"] = Secret,
            ["scope"] = Scope,
        }
        : new Dictionary<string, string>
        {
            ["grant_type"] = "password",
            ["client_id"] = PublicClient,
            ["username"] = Name,
            ["password"] = Secret,
            ["scope"] = Scope,
        };

    /// <summary>Returns the name without the secret.</summary>
    public override string ToString() => IsClient ? $"client '{Name}'" : $"user '{Name}'";
}
