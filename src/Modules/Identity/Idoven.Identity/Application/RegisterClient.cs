using Idoven.Identity.Domain;
using Idoven.Shared.Http.Idempotency;

namespace Idoven.Identity.Application;

internal sealed class RegisterClientHandler(IClients clients, TimeProvider clock)
{
    public const int MaxNameLength = 100;

    /// <summary>Makes the id too, so that nobody chooses the subject that a token speaks for.</summary>
    /// <param name="key">The request's key, where the caller gave one: repeated, it registers no second client.</param>
    /// <returns>The client, and its secret, which is shown this once: null where the same request was carried out before. No client where that one is gone.</returns>
    /// <exception cref="ClientRuleException">A value breaks a rule.</exception>
    /// <exception cref="RequestKeyReusedException">The request's key belongs to another body.</exception>
    public async Task<(MachineClient? Client, string? Secret)> Handle(string name, IReadOnlyList<string> scopes, RequestKey? key, CancellationToken ct)
    {
        if (name.Length is 0 or > MaxNameLength || name.Any(char.IsControl))
        {
            throw new ClientRuleException("/name", $"1 to {MaxNameLength} characters, no control characters.");
        }

        if (scopes.Count == 0)
        {
            throw new ClientRuleException("/scopes", "At least one.");
        }

        for (var i = 0; i < scopes.Count; i++)
        {
            if (!ScopesOfMachine.Grantable.Contains(scopes[i]) || scopes.Take(i).Contains(scopes[i]))
            {
                throw new ClientRuleException($"/scopes/{i}", $"One of {string.Join(", ", ScopesOfMachine.Grantable)}, each once; others are granted on the host.");
            }
        }

        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        if (key is not null && await clients.Claim(key, id, now, ct) is { } earlier)
        {
            return (await clients.Find(earlier.ToString(), ct), null);
        }

        var secret = ClientSecret.Make();
        var client = await clients.Add(id.ToString(), name, scopes, secret, now, ct);
        await clients.Save(ct);
        return (client, secret);
    }
}

/// <param name="pointer">Where in the body.</param>
/// <param name="rule">For whoever sent it.</param>
internal sealed class ClientRuleException(string pointer, string rule) : Exception(rule)
{
    public string Pointer { get; } = pointer;
}
