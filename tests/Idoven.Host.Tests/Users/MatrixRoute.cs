using System.Text.Json;
using System.Text.Json.Nodes;
using Idoven.Host.Tests.Parts;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.IdentityModel.Tokens;

namespace Idoven.Host.Tests.Users;

/// <summary>Represents a route of users, clients or accounts, and the bodies that are sent to it.</summary>
/// <param name="IsForm">Whether the route reads a form.</param>
/// <param name="Bodies">The members of each body; null for a request without one.</param>
internal sealed record MatrixRoute(string Method, string Path, bool IsForm, IReadOnlyList<string[]?> Bodies)
{
    private const int Fewest = 35;
    private static readonly string[] Prefixes = ["/api/v1/clients", "/api/v1/users", "/account/"];

    public string Name => $"{Method} {Path}";

    /// <summary>Gets all routes from the host except the pages that show the same empty form to every caller.</summary>
    public static List<MatrixRoute> All(RunningHost host)
    {
        var routes = AccessTests.Routes(host)
            .Where(route => !(IsForPeople(route) && AccessTests.Method(route) == "GET"))
            .Select(FromEndpoint)
            .Where(route => Prefixes.Any(prefix => route.Path.StartsWith(prefix, StringComparison.Ordinal)))
            .OrderBy(route => route.Path, StringComparer.Ordinal).ThenBy(route => route.Method, StringComparer.Ordinal)
            .ToList();
        Assert.True(routes.Count > Fewest, $"only {routes.Count} routes were found");
        return routes;
    }

    public HttpRequestMessage Request(MatrixObject target, string[]? members, MatrixKey key)
    {
        var request = new HttpRequestMessage(new HttpMethod(Method), Path.Replace("{id}", target.IdFor(Path), StringComparison.Ordinal));
        request.Headers.TryAddWithoutValidation("If-Match", "*");
        if (members is not null)
        {
            var body = members.ToDictionary(member => member, member => BodyValues.Create(member, target, key));
            request.Content = IsForm
                ? new FormUrlEncodedContent(body.Select(pair => KeyValuePair.Create(pair.Key, $"{pair.Value}")))
                : System.Net.Http.Json.JsonContent.Create(body);
        }

        return request;
    }

    private static MatrixRoute FromEndpoint(RouteEndpoint route)
    {
        var isForm = IsForPeople(route);
        string[]?[] bodies = (route.Metadata.GetMetadata<BodyNote>(), isForm) switch
        {
            ({ } body, _) => [.. Variants(body.Type)],
            (null, true) => [BodyValues.Members],
            _ => [null],
        };
        return new MatrixRoute(AccessTests.Method(route), route.Address(), isForm, bodies);
    }

    private static bool IsForPeople(RouteEndpoint route) =>
        route.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>()?.ExcludeFromDescription == true;

    /// <summary>Gets the bodies with only the required members, with each optional one, and with all of them.</summary>
    private static IEnumerable<string[]> Variants(Type type)
    {
        // Ignored properties can be neither read nor set.
        var members = JsonSerializerOptions.Web.GetTypeInfo(type).Properties
            .Where(member => member.Set is not null || member.AssociatedParameter is not null)
            .ToList();
        string[] required = [.. from member in members where member.AssociatedParameter is { HasDefaultValue: false } select member.Name];
        string[] optional = [.. members.Select(member => member.Name).Except(required)];
        return new[] { required }
            .Concat(optional.Select(member => (string[])[.. required, member]))
            .Append([.. required, .. optional])
            .Where(variant => variant.Length > 0)
            .DistinctBy(variant => string.Join(' ', variant));
    }
}

/// <summary>Creates the values that a caller puts into a body to get access to the ECG of the object.</summary>
internal static class BodyValues
{
    /// <summary>Gets the values of all known members.</summary>
    public static string[] Members { get; } =
    [
        "token", "password", "repeated", "currentPassword", "newPassword", "code", "identifier", "username", "email", "displayName", "role",
        "name", "scopes", "redirectUris", "postLogoutRedirectUris", "public", "deviceFlow", "enabled", "clientId", "jwks",
    ];

    public static JsonNode? Create(string member, MatrixObject target, MatrixKey key) => member switch
    {
        "token" => $"{Guid.NewGuid():N}{Guid.NewGuid():N}",
        "password" or "repeated" or "currentPassword" or "newPassword" => TestUser.Password,
        "code" => "123456",
        "identifier" => target.Username ?? target.ClientId,
        "username" => target.Kind == MatrixObject.Own ? target.Username : TestUsers.NewName(),
        "email" => $"{Guid.NewGuid():N}@example.org",
        "displayName" or "name" => "a client of a test",
        "role" => "user",
        "scopes" => new JsonArray("ecgs:read", "ecgs:write"),
        "redirectUris" => new JsonArray("https://caller.example/signed-in"),
        "postLogoutRedirectUris" => new JsonArray("https://caller.example/signed-out"),
        "public" or "deviceFlow" or "enabled" => true,
        "clientId" => target.ClientId ?? $"{target.UserId}",
        "jwks" => JsonSerializer.SerializeToNode(new { keys = new[] { key.Jwk } }),
        _ => throw new ArgumentOutOfRangeException(nameof(member), member, "say here what a caller sends that is after another's ECG"),
    };
}

/// <summary>Represents a key that the caller created.</summary>
internal sealed record MatrixKey(SecurityKey Key, Dictionary<string, string> Jwk)
{
    public const string Algorithm = "ES256";

    public static MatrixKey Make()
    {
        var (key, jwk) = SigningClients.NewKey(Algorithm);
        return new MatrixKey(key, jwk);
    }
}
