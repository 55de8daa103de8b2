using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Users;

/// <summary>
/// Sends every request of users, clients and accounts as every role about every object, and then tries whatever the responses contained,
/// and whatever the caller chose, on an ECG of the object. The routes are read from the host, so a new route is tested without a change
/// here.
/// </summary>
[Trait("Hosts", "one")]
public sealed class AccessMatrixTests(RunningParts parts)
{
    private const int AtOnce = 4;
    private static readonly string[] Roles = [MatrixCaller.Anonymous, "user", MatrixCaller.Machine, "admin", "superadmin"];

    /// <summary>With <c>IDOVEN_WRITE_DOCS=1</c> the test also writes the document.</summary>
    [Fact]
    public async Task No_request_of_another_caller_gives_access_to_an_ecg()
    {
        var routes = MatrixRoute.All(parts.Host);
        var cells = new ConcurrentDictionary<(string Object, string Route, string Role), string>();
        var found = new ConcurrentBag<string>();
        using var slots = new SemaphoreSlim(AtOnce);
        await Task.WhenAll(from kind in MatrixObject.Kinds from role in RolesFor(kind) select SendAll(kind, role));

        Assert.True(found.IsEmpty, string.Join('\n', found.Order(StringComparer.Ordinal)));
        var path = Path.Combine(Repository.Root, "docs", "doors.md");
        var printed = Print(routes, cells);
        if (Environment.GetEnvironmentVariable("IDOVEN_WRITE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(path, printed);
        }

        Assert.Equal(await File.ReadAllTextAsync(path), printed);

        async Task SendAll(string kind, string role)
        {
            await slots.WaitAsync();
            try
            {
                var caller = new MatrixCaller(parts, kind, role);
                foreach (var route in routes)
                {
                    var (cell, findings) = await caller.Send(route);
                    cells[(kind, route.Name, role)] = cell;
                    foreach (var finding in findings)
                    {
                        found.Add($"{role}, {kind}, {route.Name}: {finding}");
                    }
                }
            }
            finally
            {
                slots.Release();
            }
        }
    }

    /// <summary>A credential that a careless route returned would be detected anywhere in the response.</summary>
    [Theory]
    [InlineData("gateway", "a secret")]
    [InlineData("gateway", "an access token")]
    [InlineData("gateway", "an enrolment token")]
    [InlineData("application", "a secret")]
    [InlineData("another user", "a chosen password")]
    public async Task Credential_in_a_response_is_detected(string kind, string leak)
    {
        var target = await MatrixObject.Make(parts.Host, kind);
        var given = leak switch
        {
            "a secret" => target.Secret,
            "an access token" => target.AccessToken,
            "an enrolment token" => await IssueEnrolment(target),
            _ => null,
        };
        if (leak == "a chosen password")
        {
            await ChoosePassword(target);
        }

        var response = JsonSerializer.Serialize(new { items = new[] { new { deep = new { given } } } });
        var credentials = new MatrixCredentials(parts, target, MatrixKey.Make());
        var findings = await credentials.FindAccess(response, given is null ? TestUser.Password : null, token: null);

        Assert.NotEmpty(findings);
    }

    /// <summary>Simulates a route that issued an enrolment token for a client that has a credential.</summary>
    private async Task<string> IssueEnrolment(MatrixObject target)
    {
        var token = $"{Guid.NewGuid():N}{Guid.NewGuid():N}";
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.ASCII.GetBytes(token)));
        await parts.Host.Execute(
            $$"""
            insert into identity.client_enrolments (token_hash, client_key, issued_at, expires_at)
            select '{{hash}}', id, now(), now() + interval '1 hour' from identity.clients where client_id = '{{target.ClientId}}';
            update identity.clients set properties = '{"enrolling":true}' where client_id = '{{target.ClientId}}'
            """);
        return token;
    }

    /// <summary>Simulates a route that set the password that callers send.</summary>
    private async Task ChoosePassword(MatrixObject target)
    {
        var other = await parts.Host.NewPerson();
        await parts.Host.Execute(
            $"""
            update identity.accounts set password_hash = (select password_hash from identity.accounts where id = '{other.Id}')
            where id = '{target.UserId}'
            """);
    }

    private static string[] RolesFor(string kind) => kind == MatrixObject.Own ? ["user"] : Roles;

    private static string Print(List<MatrixRoute> routes, ConcurrentDictionary<(string Object, string Route, string Role), string> cells)
    {
        var text = new StringBuilder(
            """
            # Generated matrix of requests and roles

            Written by `AccessMatrixTests` from the routes of the running host. As each role the test sends every request
            for clients, users and accounts about an object that has an ECG: the request names the object wherever it can,
            and has each optional member once. Then the test tries on that ECG every value in the response (as an access token,
            a secret, an enrolment token, an activation or recovery token, a refresh token, a recovery code) and every value
            that the caller chose (a password, a key). A request that leads to reading, listing or deleting the ECG fails the test.

            - `-`: every such request is rejected.
            - `yes`: at least one is carried out, and nothing in its response gives access to the ECG.
            - `erases`: the object is removed, and its ECGs are erased with it, without being read.
            - `own`: the request is carried out, and the caller can read its own ECG with its own token throughout.

            The application is confidential, and the ECG belongs to a user that signed in through it. The client without scopes
            for ECGs had them until the host revoked them: its ECG still exists.

            """);
        foreach (var kind in MatrixObject.Kinds)
        {
            var roles = RolesFor(kind);
            text.Append($"\n## {char.ToUpperInvariant(kind[0])}{kind[1..]}\n\n");
            text.Append($"| route | {string.Join(" | ", roles)} |\n|---|{string.Concat(roles.Select(_ => "---|"))}\n");
            foreach (var route in routes)
            {
                text.Append($"| {route.Name} | {string.Join(" | ", roles.Select(role => cells[(kind, route.Name, role)]))} |\n");
            }
        }

        return text.ToString();
    }
}
