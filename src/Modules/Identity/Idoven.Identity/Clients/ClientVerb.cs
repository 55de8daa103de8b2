using System.Text.Json;

namespace Idoven.Identity.Clients;

/// <summary>
/// The verb <c>client</c>, which manages machine clients on the host. An operator that may run the host program may grant more than an
/// administrator.
/// </summary>
internal sealed class ClientVerb(
    IClients clients, RegisterClientHandler register, GrantScopesHandler grants, RotateClientSecretHandler rotate,
    ChangeClientHandler change)
{
    private const string Usage = """
        client list                      lists the machine clients: id, whether disabled or without a credential yet, scopes, name
        client register NAME SCOPE...    registers a client; prints its id and its secret, which cannot be printed again. With @FILE
                                         among the scopes the client signs with the public keys in the file (a JWK set) instead
        client grant ID SCOPE...         adds scopes, from the next token on. With its first scope that is granted on the host only,
                                         or its first for ECGs, the client gets a new secret, which cannot be printed again, and its
                                         earlier credentials expire, because an administrator may know them. An application that
                                         users sign in through can be granted ecgs:read, ecgs:write and account here. Grant account,
                                         which manages the users' accounts, only to an application of your own
        client revoke ID SCOPE...        removes scopes, from the next token on
        client secret ID                 adds a secret, which cannot be printed again; the previous one stays valid until the next
        client keys ID @FILE             replaces the keys and secrets of the client by the public keys in the file
        client disable ID                disables the client: it gets no tokens, and its existing ones are rejected within a second
        client enable ID                 enables the client again
        client check                     reads a secret from the input and checks its checksum, without a request to the service

        Scopes: ecgs:read, ecgs:write, users:read, users:write; on the host only: events:read, insights:read:any, and introspection,
        the right to introspect tokens. For an application, on the host only: ecgs:read, ecgs:write, account
        """;

    // As in sysexits.h.
    private const int UsageExitCode = 64;
    private const int NotFoundExitCode = 1;
    private const int PageSize = 100;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <returns>The exit code.</returns>
    public async Task<int> Run(string[] words, TextReader input, TextWriter output, TextWriter errors, CancellationToken ct)
    {
        try
        {
            return words switch
            {
                ["list"] => await List(output, ct),
                ["register", var name, .. var scopes] => Print(
                    output,
                    await register.RegisterOnHost(
                        name, [.. scopes.Where(word => !IsFile(word))], await ReadKeys(scopes.FirstOrDefault(IsFile), ct), ct)),
                ["grant", var id, .. var scopes] =>
                    await grants.Grant(id, scopes, ct) is { } granted ? Print(output, granted) : PrintNotFound(errors, id),
                ["revoke", var id, .. var scopes] =>
                    await grants.Revoke(id, scopes, ct) is { } left ? Print(output, (left, null)) : PrintNotFound(errors, id),
                ["secret", var id] =>
                    await rotate.RotateOnHost(id, ct) is { } secret ? Print(output, "secret", secret) : PrintNotFound(errors, id),
                ["keys", var id, var file] when IsFile(file) && await ReadKeys(file, ct) is { } keys =>
                    await Change(id, new(null, null, () => keys), output, errors, ct),
                ["disable", var id] => await Change(id, new(null, false, null), output, errors, ct),
                ["enable", var id] => await Change(id, new(null, true, null), output, errors, ct),
                ["check"] => ClientSecret.IsIntact((await input.ReadLineAsync(ct) ?? "").Trim())
                    ? Print(output, "intact: if it is rejected, it belongs to another client or has expired", 0)
                    : Print(errors, "idoven: not intact: a character is wrong or missing, or the secret is older than the prefix idvs_.",
                        NotFoundExitCode),
                _ => Print(errors, Usage, UsageExitCode),
            };
        }
        catch (ClientRuleException e)
        {
            return Print(errors, $"idoven: {e.Pointer[1..]}: {e.Message}", UsageExitCode);
        }
    }

    private async Task<int> List(TextWriter output, CancellationToken ct)
    {
        for (Guid? after = null; ;)
        {
            var page = await clients.List(after, PageSize, ct);
            foreach (var client in page.Take(PageSize))
            {
                if (client.Registration.IsMachine)
                {
                    var state = $"{(client.IsEnabled ? "" : "disabled  ")}{(client.IsEnrolling ? "enrolling  " : "")}";
                    Print(output, $"{client.Id}  {state}{string.Join(' ', client.Registration.Scopes)}  {client.Registration.Name}", 0);
                }

                after = client.Key;
            }

            if (page.Count <= PageSize)
            {
                return 0;
            }
        }
    }

    private async Task<int> Change(string id, ChangeClient command, TextWriter output, TextWriter errors, CancellationToken ct) =>
        await change.ChangeOnHost(id, command, ct) is { } client
            ? Print(output, "enabled", client.IsEnabled ? "yes" : "no")
            : PrintNotFound(errors, id);

    private static bool IsFile(string word) => word.StartsWith('@');

    /// <exception cref="ClientRuleException">The file cannot be read, or does not contain a JWK set.</exception>
    private static async Task<ClientKeys?> ReadKeys(string? file, CancellationToken ct)
    {
        try
        {
            return file is null ? null : JsonSerializer.Deserialize<ClientKeys>(await File.ReadAllTextAsync(file[1..], ct), Json);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new ClientRuleException("/jwks", $"{file![1..]} is not a file with a JWK set of public keys: {e.Message}");
        }
    }

    private static int Print(TextWriter output, (RegisteredClient Client, string? Secret) result)
    {
        Print(output, "id", result.Client.Id);
        if (result.Secret is not null)
        {
            Print(output, "secret", result.Secret);
        }

        return Print(output, "scopes", string.Join(' ', result.Client.Registration.Scopes));
    }

    private static int Print(TextWriter output, string name, string value) => Print(output, $"{name,-7} {value}", 0);

    private static int Print(TextWriter output, string line, int exitCode)
    {
        output.WriteLine(line);
        return exitCode;
    }

    private static int PrintNotFound(TextWriter errors, string id) =>
        Print(errors, $"idoven: there is no client {id}.", NotFoundExitCode);
}
