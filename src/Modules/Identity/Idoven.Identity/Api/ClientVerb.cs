using Idoven.Identity.Application;

namespace Idoven.Identity.Api;

/// <summary>Machine clients from the host's command line: who may start the host program there may grant what no administrator may.</summary>
internal sealed class ClientVerb(IClients clients, RegisterClientHandler register, GrantScopesHandler grants, RotateClientSecretHandler rotate)
{
    private const string Usage = """
        client list                      every machine client: its id, its scopes, its name
        client register NAME SCOPE...    a new one; prints its id and, this once, its secret
        client grant ID SCOPE...         adds scopes, from the next token on. With the first of events:read and insights:read:any it gets a
                                         new secret, printed this once, and those before end: an administrator may know them
        client revoke ID SCOPE...        takes scopes away, from the next token on
        client secret ID                 a new secret, printed this once; the one before lives until the next

        Scopes: ecgs:read, ecgs:write, users:read, users:write, events:read, insights:read:any
        """;

    // As in sysexits.h.
    private const int UsageExitCode = 64;
    private const int NoClientExitCode = 1;
    private const int PageSize = 100;

    /// <returns>The exit code.</returns>
    public async Task<int> Run(string[] words, TextWriter output, TextWriter errors, CancellationToken ct)
    {
        try
        {
            return words switch
            {
                ["list"] => await List(output, ct),
                ["register", var name, .. var scopes] => Print(output, await register.OnHost(name, scopes, ct)),
                ["grant", var id, .. var scopes] => await grants.Grant(id, scopes, ct) is { } granted ? Print(output, granted) : NoClient(errors, id),
                ["revoke", var id, .. var scopes] => await grants.Revoke(id, scopes, ct) is { } left ? Print(output, (left, null)) : NoClient(errors, id),
                ["secret", var id] => await rotate.OnHost(id, ct) is { } secret ? Print(output, "secret", secret) : NoClient(errors, id),
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
                    Print(output, $"{client.Id}  {string.Join(' ', client.Registration.Scopes)}  {client.Registration.Name}", 0);
                }

                after = client.Key;
            }

            if (page.Count <= PageSize)
            {
                return 0;
            }
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

    private static int NoClient(TextWriter errors, string id) => Print(errors, $"idoven: there is no machine client {id}.", NoClientExitCode);
}
