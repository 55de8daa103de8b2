using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Users;

/// <summary>
/// Represents a caller of one role that tries to read the ECG of one kind of object, which is created again after each change.
/// </summary>
internal sealed class MatrixCaller(RunningParts parts, string kind, string role)
{
    public const string Anonymous = "anonymous";
    public const string Machine = "machine client";

    private readonly RunningHost host = parts.Host;
    private readonly MatrixKey key = MatrixKey.Make();
    private MatrixObject? target;
    private MatrixCredentials? credentials;
    private TestUser? person;
    private string? token;

    private bool IsOwn => kind == MatrixObject.Own;

    /// <summary>Sends every body of a route.</summary>
    /// <returns>The cell of the matrix, and the findings that gave access to the ECG or credentials of the object.</returns>
    public async Task<(string Cell, IReadOnlyList<string> Findings)> Send(MatrixRoute route)
    {
        var (cell, findings) = ("-", new List<string>());
        foreach (var members in route.Bodies)
        {
            if (target is null)
            {
                await MakeObject();
            }

            var before = await target!.Credentials(host);
            using var request = route.Request(target, members, key);
            using var client = host.Client(token);
            using var response = await client.SendAsync(request);
            if (response.IsSuccessStatusCode && route.Method == "DELETE" && target.IsNamedIn(request.RequestUri!))
            {
                cell = request.RequestUri!.ToString().Contains(target.Owner, StringComparison.Ordinal) ? "erases" : "yes";
                target = null;
                continue;
            }

            var isChanged = !IsOwn && await target.Credentials(host) != before;
            if (isChanged && (target.IsGuarded || !response.IsSuccessStatusCode))
            {
                findings.Add($"{(int)response.StatusCode}, and the object has other credentials now");
            }

            if (response.IsSuccessStatusCode)
            {
                cell = IsOwn ? "own" : "yes";
                findings.AddRange(await (IsOwn ? CheckOwn(route) : FindAccess(route, members, response)));

                // The next request gets an unchanged object.
                target = isChanged ? null : target;
            }
        }

        return (cell, findings);
    }

    private async Task MakeObject()
    {
        target = await MatrixObject.Make(host, kind);
        credentials = new MatrixCredentials(parts, target, key);
        if (IsOwn)
        {
            (person, token) = (target.Person, target.AccessToken);
        }
        else if (role == Machine)
        {
            token ??= await host.NewOwnerToken("ecgs:read ecgs:write users:read users:write clients:self");
        }
        else if (role != Anonymous && person is null)
        {
            person = await host.NewPerson(role);
            token = (await host.Token(person)).AccessToken;
        }
    }

    private async Task<IReadOnlyList<string>> FindAccess(MatrixRoute route, string[]? members, HttpResponseMessage response)
    {
        var hasPassword = members?.Any(member => member.Contains("password", StringComparison.OrdinalIgnoreCase)) == true;
        var text = await response.Content.ReadAsStringAsync();
        var findings = await credentials!.FindAccess(text, hasPassword ? TestUser.Password : null, token);
        await RenewToken(route);
        return findings;
    }

    /// <summary>Proves that the checks can find an ECG.</summary>
    private async Task<IReadOnlyList<string>> CheckOwn(MatrixRoute route)
    {
        await RenewToken(route);
        return await MatrixCredentials.Reaches(host, token!, target!.Ecg) ? [] : ["the caller does not read its own ECG any more"];
    }

    /// <summary>A change of the caller's own account may have ended its token.</summary>
    private async Task RenewToken(MatrixRoute route)
    {
        if (person is not null && route.Method != "GET" && (IsOwn || route.Path.StartsWith("/account/", StringComparison.Ordinal)))
        {
            token = (await host.Token(person)).AccessToken;
        }
    }
}
