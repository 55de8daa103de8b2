using System.Text.Json;

namespace Idoven.Identity.Clients;

/// <summary>Machine clients from the host's command line: who may start the host program there may grant what no administrator may.</summary>
internal sealed class ClientVerb(
    IClients clients, RegisterClientHandler register, GrantScopesHandler grants, RotateClientSecretHandler rotate, ChangeClientHandler change)
{
    private const string Usage = """
        client list                      every machine client: its id, whether it is disabled or has no credential yet, its scopes, its name
        client register NAME SCOPE...    a new one; prints its id and, this once, its secret. With @FILE among the scopes it signs with the
                                         public keys in the file (a JWK set) instead
        client grant ID SCOPE...         adds scopes, from the next token on. With the first that is granted on the host only, or the first
                                         for ECGs, it gets a new secret, printed this once, and what it signed in with before ends: an
                                         administrator may know it. An application that people sign in through is granted ecgs:read,
                                         ecgs:write and account here, and nothing else: account, which manages the users' accounts, only if
                                         it is your own
        client revoke ID SCOPE...        takes scopes away, from the next token on
        client secret ID                 a new secret, printed this once; the one before lives until the next
        client keys ID @FILE             it signs with the public keys in the file from now; its secrets end
        client disable ID                no token any more; those that live are refused within a second
        client enable ID                 tokens again
        client check                     reads a secret and says whether it is whole, asking nobody

        Scopes: ecgs:read, ecgs:write, users:read, users:write; on the host only: events:read, insights:read:any, and the right to ask what
        tokens are worth: introspection. Of an application on the host only: ecgs:read, ecgs:write, account
        """;

    // As in sysexits.h.
    private const int UsageExitCode = 64;
    private const int NoClientExitCode = 1;
    private const int PageSize = 100;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web) { RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };

    /// <returns>The exit code.</returns>
    public async Task<int> Run(string[] words, TextReader input, TextWriter output, TextWriter errors, CancellationToken ct)
    {
        try
        {
            return words switch
            {
                ["list"] => await List(output, ct),
                ["register", var name, .. var scopes] => Print(output, await register.OnHost(name, [.. scopes.Where(word => !IsFile(word))], await Keys(scopes.FirstOrDefault(IsFile), ct), ct)),
                ["grant", var id, .. var scopes] => await grants.Grant(id, scopes, ct) is { } granted ? Print(output, granted) : NoClient(errors, id),
                ["revoke", var id, .. var scopes] => await grants.Revoke(id, scopes, ct) is { } left ? Print(output, (left, null)) : NoClient(errors, id),
                ["secret", var id] => await rotate.OnHost(id, ct) is { } secret ? Print(output, "secret", secret) : NoClient(errors, id),
                ["keys", var id, var file] when IsFile(file) && await Keys(file, ct) is { } keys => await Change(id, new(null, null, () => keys), output, errors, ct),
                ["disable", var id] => await Change(id, new(null, false, null), output, errors, ct),
                ["enable", var id] => await Change(id, new(null, true, null), output, errors, ct),
                ["check"] => ClientSecret.IsIntact((await input.ReadLineAsync(ct) ?? "").Trim())
                    ? Print(output, "whole: if it is refused, it is another client's or over", 0)
                    : Print(errors, "idoven: not whole: a character is wrong or missing, or it is older than the prefix idvs_.", NoClientExitCode),
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
        await change.OnHost(id, command, ct) is { } client ? Print(output, "enabled", client.IsEnabled ? "yes" : "no") : NoClient(errors, id);

    private static bool IsFile(string word) => word.StartsWith('@');

    /// <exception cref="ClientRuleException">It is no file with a JWK set in it.</exception>
    private static async Task<ClientKeys?> Keys(string? file, CancellationToken ct)
    {
        try
        {
            return file is null ? null : JsonSerializer.Deserialize<ClientKeys>(await File.ReadAllTextAsync(file[1..], ct), Json);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new ClientRuleException("/jwks", $"{file![1..]} is no file with a JWK set of public keys: {e.Message}");
        }
    }

    private static int Print(TextWriter output, (RegisteredClient Client, string? Secret) made)
    {
        Print(output, "id", made.Client.Id);
        if (made.Secret is not null)
        {
            Print(output, "secret", made.Secret);
        }

        return Print(output, "scopes", string.Join(' ', made.Client.Registration.Scopes));
    }

    private static int Print(TextWriter output, string name, string value) => Print(output, $"{name,-7} {value}", 0);

    private static int Print(TextWriter output, string line, int exitCode)
    {
        output.WriteLine(line);
        return exitCode;
    }

    private static int NoClient(TextWriter errors, string id) => Print(errors, $"idoven: there is no client {id}.", NoClientExitCode);
}
