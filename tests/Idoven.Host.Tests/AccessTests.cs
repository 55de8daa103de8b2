using System.Net;
using System.Security.Claims;
using System.Text;
using Idoven.Ecgs.Contracts;
using Idoven.Host.Tests.Parts;
using Idoven.Identity.Contracts;
using Idoven.Shared.Web.Authorization;
using Idoven.Users.Contracts;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Host.Tests;

/// <summary>Tests the table of policies against the routes of the running host, and every route with every role.</summary>
public sealed class AccessTests(RunningParts parts)
{
    private const string Machine = "machine";
    private const string Reader = "machine that reads all insights";
    private static readonly string[] Callers = [UserRole.User, Machine, UserRole.Admin, UserRole.Superadmin];

    [Fact]
    public void Every_route_has_a_row() => Assert.Empty(WithoutRow(Routes(parts.Host)));

    [Fact]
    public void Route_without_a_row_is_reported() =>
        Assert.Equal(
            ["GET /api/v1/forgotten"],
            WithoutRow(
            [
                HostRoutes.Create("GET", "/api/v1/forgotten"),
                HostRoutes.Create("GET", "/api/v1/known", new AuthorizeAttribute("EcgsRead")),
            ]));

    /// <summary>With <c>IDOVEN_WRITE_DOCS=1</c> the test writes the document instead.</summary>
    [Fact, Trait("Hosts", "one")]
    public async Task Access_document_equals_the_policies_of_the_host()
    {
        var path = Path.Combine(Repository.Root, "docs", "access.md");
        var printed = await Print();
        if (Environment.GetEnvironmentVariable("IDOVEN_WRITE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(path, printed);
        }

        Assert.Equal(await File.ReadAllTextAsync(path), printed);
    }

    public static TheoryData<string> AllCallers => ["anonymous", .. Callers, Reader];

    /// <summary>Each caller has every scope that it can be granted, and requests resources of another user.</summary>
    [Theory, MemberData(nameof(AllCallers))]
    public async Task Every_route_allows_exactly_the_roles_in_its_row(string caller)
    {
        using var superadmin = await parts.Host.Superadmin();
        using var otherOwner = await parts.Host.NewOwner();
        var ecg = await otherOwner.Submit();
        var wrong = new List<string>();
        foreach (var route in Routes(parts.Host).Where(route => route.Metadata.GetMetadata<IAllowAnonymous>() is null))
        {
            var template = route.Address();
            var another = template.StartsWith(EcgCalls.Route, StringComparison.Ordinal)
                ? ecg
                : template.StartsWith(TestUsers.Route, StringComparison.Ordinal)
                    ? (await superadmin.Register(TestUsers.NewName())).Id()
                    : Guid.CreateVersion7();
            using var client = await Caller(caller);
            using var request = new HttpRequestMessage(
                new HttpMethod(Method(route)), template.Replace("{id}", another.ToString(), StringComparison.Ordinal));
            if (request.Method != HttpMethod.Get && request.Method != HttpMethod.Delete)
            {
                request.Content = TestUsers.Json("{}");
                request.Headers.TryAddWithoutValidation("If-Match", "*");
            }

            using var response = await client.SendAsync(request);
            if (!Expected(Method(route), template, caller, response.StatusCode))
            {
                wrong.Add($"{Method(route)} {template}: {(int)response.StatusCode}");
            }
        }

        Assert.Empty(wrong);
    }

    /// <summary>
    /// Returns whether the role may get this status, written out again here: it must not be read from the code that it checks.
    /// </summary>
    private static bool Expected(string method, string route, string caller, HttpStatusCode status)
    {
        bool isUser = caller == UserRole.User, isMachine = caller == Machine, isAdmin = caller is UserRole.Admin or UserRole.Superadmin;
        if (caller == Reader && route.StartsWith("/api/v1/ecgs", StringComparison.Ordinal))
        {
            return route.EndsWith("/insights", StringComparison.Ordinal)
                ? status is HttpStatusCode.OK or HttpStatusCode.Accepted
                : status == HttpStatusCode.Forbidden;
        }

        var mayEnter = route switch
        {
            _ when route.Contains("/operations/", StringComparison.Ordinal) => caller == UserRole.Superadmin,
            _ when route.StartsWith("/api/v1/ecgs", StringComparison.Ordinal) => isUser || isMachine,
            _ when route.StartsWith("/api/v1/events", StringComparison.Ordinal) => isMachine,
            "/api/v1/clients/me/audit" => isMachine,
            "/api/v1/clients/{id}" when method is "GET" or "PATCH" => isMachine || isAdmin,
            "/api/v1/clients/{id}/secrets" => isMachine || isAdmin,
            _ when route.StartsWith("/api/v1/clients", StringComparison.Ordinal) => isAdmin,
            "/api/v1/users/me" or "/api/v1/users/me/audit" => isUser || isAdmin,
            "/api/v1/users/audit" => isAdmin,
            "/api/v1/users/{id}" when method is "GET" or "PATCH" => isUser || isMachine || isAdmin,
            _ when route.StartsWith("/api/v1/users", StringComparison.Ordinal) => isMachine || isAdmin,
            _ when route.StartsWith("/account/", StringComparison.Ordinal) => isUser || isAdmin,
            _ => throw new ArgumentOutOfRangeException(nameof(route), route, "say here who may"),
        };
        if (!mayEnter)
        {
            return status == (caller == "anonymous" ? HttpStatusCode.Unauthorized : HttpStatusCode.Forbidden);
        }

        var isAnothers = route.Contains("{id}", StringComparison.Ordinal)
            && (isUser || route.StartsWith("/api/v1/ecgs", StringComparison.Ordinal));
        return isAnothers
            ? status == HttpStatusCode.NotFound
            : status is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) && (int)status < 500;
    }

    private async Task<HttpClient> Caller(string caller) => caller switch
    {
        "anonymous" => parts.Host.Client(),
        Reader => await parts.Host.NewOwner("insights:read:any"),
        Machine => await parts.Host.NewOwner("ecgs:read ecgs:write users:read users:write events:read clients:self"),
        _ => await parts.Host.SignIn(await parts.Host.NewPerson(caller)),
    };

    private async Task<string> Print()
    {
        var text = new StringBuilder(
            """
            # Access by role

            A right needs both the role and the scope. `AccessTests` prints this table from the running host; the rules
            are in the policies of each module, such as `EcgsPolicies.cs`. A route without a rule rejects all callers
            and fails the build. "yes" means that the caller may use the route; it reaches only what it has a right to:
            a user that asks for another user or for another's ECG, and a machine client that asks for another client,
            get 404, as for one that does not exist.

            A machine client gets its scopes at its registration, except `events:read` and `insights:read:any`, which are granted
            on the host only. Every machine client may ask for `clients:self`. Applications that people sign in through
            are granted `ecgs:read`, `ecgs:write` and `account` on the host only. Every request for an ECG, rejected or not,
            is in the [access log](audit.md#ecgs). [doors.md](doors.md) shows that no request reaches another owner's ECG.

            | route | scope | anonymous | user | machine client | admin | superadmin |
            |---|---|---|---|---|---|---|

            """);
        var policies = parts.Host.Services.GetRequiredService<IAuthorizationPolicyProvider>();
        string[] allScopes = [.. parts.Host.Services.GetRequiredService<AccessRules>().Scopes.Select(scope => scope.Name)];
        foreach (var route in Routes(parts.Host)
            .OrderBy(route => route.RoutePattern.RawText, StringComparer.Ordinal)
            .ThenBy(Method, StringComparer.Ordinal))
        {
            var name = $"{Method(route)} {route.Address()}";
            if (route.Metadata.GetMetadata<IAllowAnonymous>() is not null)
            {
                text.Append($"| {name} | - | yes | yes | yes | yes | yes |\n");
                continue;
            }

            var policy = (await policies.GetPolicyAsync(route.Metadata.GetMetadata<IAuthorizeData>()!.Policy!))!;
            var cells = new List<string>();
            var scopes = new SortedSet<string>(StringComparer.Ordinal);
            foreach (var caller in Callers)
            {
                cells.Add(await Allows(policy, caller, allScopes) ? "yes" : "-");
                foreach (var scope in allScopes)
                {
                    if (await Allows(policy, caller, [scope]))
                    {
                        scopes.Add(scope);
                    }
                }
            }

            text.Append($"| {name} | {string.Join(" or ", scopes)} | - | {string.Join(" | ", cells)} |\n");
        }

        return text.ToString();
    }

    private async Task<bool> Allows(AuthorizationPolicy policy, string caller, string[] scopes)
    {
        var id = Guid.CreateVersion7().ToString();
        var audiences = parts.Host.Services.GetRequiredService<AccessRules>().Audiences.Select(audience => new Claim("aud", audience));
        var identity = new ClaimsIdentity(
            [new("sub", caller == Machine ? $"client:{id}" : id), new("scope", string.Join(' ', scopes)), .. audiences], "test");
        if (caller != Machine)
        {
            identity.AddClaim(new Claim("role", caller));
        }

        await using var scope = parts.Host.Services.CreateAsyncScope();
        var authorization = scope.ServiceProvider.GetRequiredService<IAuthorizationService>();
        return (await authorization.AuthorizeAsync(new ClaimsPrincipal(identity), policy)).Succeeded;
    }

    private static IReadOnlyList<string> WithoutRow(IEnumerable<RouteEndpoint> routes) =>
    [
        .. from route in routes
           where route.Metadata.GetMetadata<IAllowAnonymous>() is null && route.Metadata.GetMetadata<IAuthorizeData>()?.Policy is null
           select $"{Method(route)} {route.RoutePattern.RawText}",
    ];

    internal static List<RouteEndpoint> Routes(RunningHost host)
    {
        var routes = host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToList();
        Assert.True(routes.Count > 20, "the host's routes were not found");
        return routes;
    }

    internal static string Method(RouteEndpoint route) => route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Single() ?? "GET";

    internal static string Name(RouteEndpoint route) => $"{Method(route)} {route.RoutePattern.RawText}";
}
