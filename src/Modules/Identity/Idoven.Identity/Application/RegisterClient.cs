using Idoven.Identity.Domain;

namespace Idoven.Identity.Application;

internal sealed class RegisterClientHandler(IClients clients, TimeProvider clock)
{
    private const int MaxNameLength = 100;

    /// <summary>Makes the id too, so that nobody chooses the subject that a token speaks for.</summary>
    /// <returns>The client, and its secret, which is shown this once.</returns>
    /// <exception cref="ClientRuleException">A value breaks a rule.</exception>
    public async Task<(MachineClient Client, string Secret)> Handle(string name, IReadOnlyList<string> scopes, CancellationToken ct)
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
        var secret = ClientSecret.Make();
        return (await clients.Add(Guid.CreateVersion7(now).ToString(), name, scopes, secret, now, ct), secret);
    }
}

/// <param name="pointer">Where in the body.</param>
/// <param name="rule">For whoever sent it.</param>
internal sealed class ClientRuleException(string pointer, string rule) : Exception(rule)
{
    public string Pointer { get; } = pointer;
}
