using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Idoven.Host.Tests.Parts;
using Idoven.Shared.Http;
using Idoven.Shared.Http.Contract;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Idoven.Host.Tests.Users;

/// <summary>
/// Sends every request of users, clients and accounts as every role about every object, and then tries whatever the responses gave, and whatever the caller
/// chose, on an ECG of the object. The routes come from the host: one that is added is tried by being there.
/// </summary>
[Trait("Hosts", "one")]
public sealed partial class DoorMatrixTests(RunningParts parts)
{
    private const string Anonymous = "anonymous";
    private const string Machine = "machine client";
    private const string Own = "the caller's own account";
    private const int AtOnce = 4;

    private static readonly string[] Prefixes = ["/api/v1/clients", "/api/v1/users", "/account/"];
    private static readonly string[] Roles = [Anonymous, "user", Machine, "admin", "superadmin"];
    private static readonly string[] Objects = ["gateway", "application", "client without scopes for ECGs", "another user", Own];

    [Fact]
    public async Task No_request_about_another_leads_to_an_ecg()
    {
        var routes = Routes();
        var cells = new ConcurrentDictionary<(string Object, string Route, string Role), string>();
        var found = new ConcurrentBag<string>();
        using var places = new SemaphoreSlim(AtOnce);
        await Task.WhenAll(from kind in Objects from role in Roles where kind != Own || role == "user" select Try(kind, role));

        Assert.True(found.IsEmpty, string.Join('\n', found.Order(StringComparer.Ordinal)));
        var path = Path.Combine(Repository.Root, "docs", "doors.md");
        var printed = Print(routes, cells);
        if (Environment.GetEnvironmentVariable("IDOVEN_WRITE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(path, printed);
        }

        Assert.Equal(await File.ReadAllTextAsync(path), printed);

        async Task Try(string kind, string role)
        {
            await places.WaitAsync();
            try
            {
                var attempt = new Attempt(parts, kind, role);
                foreach (var route in routes)
                {
                    var (cell, findings) = await attempt.Run(route);
                    cells[(kind, route.Name, role)] = cell;
                    foreach (var finding in findings)
                    {
                        found.Add($"{role}, {kind}, {route.Name}: {finding}");
                    }
                }
            }
            finally
            {
                places.Release();
            }
        }
    }

    /// <summary>What a careless route would hand out is recognised, whatever the member is called.</summary>
    [Theory, InlineData("a secret"), InlineData("an access token"), InlineData("an enrolment token"), InlineData("a secret of an application"), InlineData("a chosen password")]
    public async Task A_credential_of_the_object_in_a_response_is_found(string leak)
    {
        var target = await Target.Make(parts.Host, leak switch
        {
            "a secret of an application" => "application",
            "a chosen password" => "another user",
            _ => "gateway",
        });
        var body = leak switch
        {
            "an access token" => new { made = target.AccessToken },
            "an enrolment token" => new { made = await Reopened(target) },
            "a chosen password" => new { made = "nothing" },
            _ => new { made = target.Secret! },
        };
        if (leak == "a chosen password")
        {
            await parts.Host.Execute(
                $"""
                update identity.accounts set password_hash = (select password_hash from identity.accounts where id = '{(await parts.Host.NewPerson()).Id}')
                where id = '{target.UserId}'
                """);
        }

        var response = JsonSerializer.Serialize(new { items = new[] { new { deep = body } } });

        Assert.NotEmpty(await new Burglar(parts, target, KeyPair.Make()).Try(response, Person.Password));
    }

    /// <summary>As if a route had issued a token for a client that has its credential.</summary>
    private async Task<string> Reopened(Target target)
    {
        var token = $"{Guid.NewGuid():N}{Guid.NewGuid():N}";
        var hash = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(Encoding.ASCII.GetBytes(token)));
        await parts.Host.Execute(
            $$"""
            insert into identity.client_enrolments (token_hash, client_key, issued_at, expires_at)
            select '{{hash}}', id, now(), now() + interval '1 hour' from identity.clients where client_id = '{{target.ClientId}}';
            update identity.clients set properties = '{"enrolling":true}' where client_id = '{{target.ClientId}}'
            """);
        return token;
    }

    private List<DoorRoute> Routes()
    {
        var routes = AccessTests.Routes(parts.Host)
            .Select(DoorRoute.Of)
            .Where(route => Prefixes.Any(prefix => route.Path.StartsWith(prefix, StringComparison.Ordinal)) && !route.IsPage)
            .OrderBy(route => route.Path, StringComparer.Ordinal).ThenBy(route => route.Method, StringComparer.Ordinal)
            .ToList();
        Assert.True(routes.Count > 35, $"only {routes.Count} routes were found");
        return routes;
    }

    private static string Print(List<DoorRoute> routes, ConcurrentDictionary<(string Object, string Route, string Role), string> cells)
    {
        var text = new StringBuilder(
            """
            # The generated door matrix

            Written by `DoorMatrixTests` from the routes of the running host. As each role it sends every request of clients, users and accounts about an object
            that has an ECG: the request names the object wherever it can, and has each optional member once. Then it tries on that ECG whatever the
            response holds (as an access token, a secret, an enrolment token, an activation or recovery token, a refresh token, a recovery code) and whatever
            the caller chose (a password, a key). A request that would lead to reading, listing or deleting the ECG fails the test.

            - `-`: every such request is rejected.
            - `yes`: one is carried out, and nothing in its response leads to the ECG.
            - `erases`: the object is removed, and its ECGs are erased with it, unread.
            - `own`: the caller's own ECG, which it reads with its own token all the while.

            The client without scopes for ECGs had them once: its ECG is still there.

            """);
        foreach (var kind in Objects)
        {
            string[] roles = kind == Own ? ["user"] : Roles;
            text.Append($"\n## {char.ToUpperInvariant(kind[0])}{kind[1..]}\n\n| route | {string.Join(" | ", roles)} |\n|---|{string.Concat(roles.Select(_ => "---|"))}\n");
            foreach (var route in routes)
            {
                text.Append($"| {route.Name} | {string.Join(" | ", roles.Select(role => cells[(kind, route.Name, role)]))} |\n");
            }
        }

        return text.ToString();
    }

    /// <param name="Bodies">The members of each body that is sent; null for a request without a body.</param>
    /// <param name="IsPage">It shows the same empty form to anyone.</param>
    private sealed record DoorRoute(string Method, string Path, bool IsPage, bool IsForm, IReadOnlyList<string[]?> Bodies)
    {
        public string Name => $"{Method} {Path}";

        public static DoorRoute Of(RouteEndpoint route)
        {
            var (method, path) = (AccessTests.Method(route), $"/{route.RoutePattern.RawText!.Trim('/')}");
            var isForPeople = route.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>()?.ExcludeFromDescription == true;
            var isForm = isForPeople && method == "POST";
            string[]?[] bodies = route.Metadata.GetMetadata<BodyNote>() is { } body ? [.. Variants(body.Type)] : isForm ? [Values.Members] : [null];
            return new DoorRoute(method, path, isForPeople && method == "GET", isForm, bodies);
        }

        /// <summary>The required members alone, with each optional one, and with all of them.</summary>
        private static IEnumerable<string[]> Variants(Type type)
        {
            var members = JsonSerializerOptions.Web.GetTypeInfo(type).Properties;
            string[] required = [.. members.Where(member => member.AssociatedParameter is { HasDefaultValue: false }).Select(member => member.Name)];
            string[] optional = [.. members.Select(member => member.Name).Except(required)];
            return new[] { required }.Concat(optional.Select(member => (string[])[.. required, member])).Append([.. required, .. optional])
                .Where(variant => variant.Length > 0).DistinctBy(variant => string.Join(' ', variant));
        }
    }

    /// <summary>What a caller that is after the object's ECG puts into a body.</summary>
    private static class Values
    {
        public static string[] Members { get; } =
        [
            "token", "password", "repeated", "currentPassword", "newPassword", "code", "identifier", "username", "email", "displayName", "role", "name", "scopes",
            "redirectUris", "postLogoutRedirectUris", "public", "deviceFlow", "enabled", "clientId", "jwks",
        ];

        public static JsonNode? Of(string member, Target target, KeyPair key) => member switch
        {
            "token" => $"{Guid.NewGuid():N}{Guid.NewGuid():N}",
            "password" or "repeated" or "currentPassword" or "newPassword" => Person.Password,
            "code" => "123456",
            "identifier" => target.Username ?? target.ClientId,
            "username" => target.Kind == Own ? target.Username : People.NewName(),
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

    /// <summary>One role after one kind of object, of which there is another one after each that was removed.</summary>
    private sealed class Attempt(RunningParts parts, string kind, string role)
    {
        private readonly RunningHost host = parts.Host;
        private readonly KeyPair key = KeyPair.Make();
        private Target? target;
        private Person? person;
        private string? token;
        private Burglar? burglar;

        public async Task<(string Cell, IReadOnlyList<string> Findings)> Run(DoorRoute route)
        {
            var (cell, findings) = ("-", new List<string>());
            foreach (var members in route.Bodies)
            {
                if (target is null)
                {
                    await Begin();
                }

                var before = await target!.State(host);
                using var request = Request(route, members);
                using var client = host.Client(token);
                using var response = await client.SendAsync(request);
                var isOurs = target.Kind == Own;
                if (response.IsSuccessStatusCode && route.Method == "DELETE" && target.IsNamedIn(request.RequestUri!))
                {
                    cell = request.RequestUri!.ToString().Contains(target.Owner, StringComparison.Ordinal) ? "erases" : "yes";
                    target = null;
                    continue;
                }

                var isChanged = await target.State(host) != before;
                if (isChanged && !isOurs && (target.IsGuarded || !response.IsSuccessStatusCode))
                {
                    findings.Add($"{(int)response.StatusCode}, and the object has other credentials now");
                }

                if (response.IsSuccessStatusCode)
                {
                    cell = isOurs ? "own" : "yes";
                    var text = await response.Content.ReadAsStringAsync();
                    findings.AddRange(isOurs ? [] : await burglar!.Try(text, members?.Any(member => member.Contains("assword", StringComparison.Ordinal)) == true ? Person.Password : null, token));
                    await Again(route);
                    if (isOurs && await Burglar.Reaches(host, token!, target.Ecg) is null)
                    {
                        findings.Add("the caller does not read its own ECG any more");
                    }

                    // The next request meets an object as it was.
                    target = isChanged && !isOurs ? null : target;
                }
            }

            return (cell, findings);
        }

        private async Task Begin()
        {
            target = await Target.Make(host, kind);
            burglar = new Burglar(parts, target, key);
            if (kind == Own)
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

        /// <summary>A change of one's own account may have ended the token.</summary>
        private async Task Again(DoorRoute route)
        {
            if (person is not null && route.Method != "GET" && (route.Path.StartsWith("/account/", StringComparison.Ordinal) || kind == Own))
            {
                token = (await host.Token(person)).AccessToken;
            }
        }

        private HttpRequestMessage Request(DoorRoute route, string[]? members)
        {
            var id = route.Path.Contains("/sessions/", StringComparison.Ordinal) ? $"{target!.SessionId}" : target!.IdFor(route.Path);
            var request = new HttpRequestMessage(new HttpMethod(route.Method), route.Path.Replace("{id}", id, StringComparison.Ordinal));
            request.Headers.TryAddWithoutValidation("If-Match", "*");
            if (members is not null)
            {
                var body = members.ToDictionary(member => member, member => Values.Of(member, target!, key));
                request.Content = route.IsForm
                    ? new FormUrlEncodedContent(body.Select(pair => KeyValuePair.Create(pair.Key, $"{pair.Value}")))
                    : JsonContent.Create(body);
            }

            return request;
        }
    }

    /// <summary>Somebody or something that has an ECG.</summary>
    private sealed record Target(string Kind, Guid Ecg, string AccessToken)
    {
        public const string Password = "the password of the object's holder";

        public string? ClientId { get; init; }

        public string? Secret { get; init; }

        public Person? Person { get; init; }

        public Guid? UserId => Person?.Id;

        public string? Username => Person?.Username;

        public string SessionId => new JsonWebToken(AccessToken).GetClaim("sid").Value;

        /// <summary>Whether no other caller may change its credentials, not even where a request is carried out.</summary>
        public bool IsGuarded => Kind is "gateway" or "application" or "another user";

        /// <summary>The id of whom the ECG belongs to: of an application it is the user who signed in through it.</summary>
        public string Owner => Person is null ? ClientId! : $"{UserId}";

        public bool IsNamedIn(Uri address) => new[] { ClientId, $"{UserId}" }.Any(id => !string.IsNullOrEmpty(id) && address.ToString().Contains(id, StringComparison.Ordinal));

        /// <summary>The id that a path asks for: of the two that an application and its user have, the one of the route's kind.</summary>
        public string IdFor(string path) =>
            ClientId is not null && (Person is null || path.StartsWith(Machines.Route, StringComparison.Ordinal) || path.Contains("/applications/", StringComparison.Ordinal))
                ? ClientId
                : $"{UserId}";

        public static async Task<Target> Make(RunningHost host, string kind)
        {
            using var admin = await host.Superadmin();
            switch (kind)
            {
                case "gateway":
                case "client without scopes for ECGs":
                    var (id, secret) = await admin.NewClient("ecgs:read", "ecgs:write", "users:read");
                    var token = await host.MachineToken(id, secret, "ecgs:read ecgs:write");
                    var ecg = await Submit(host, token);
                    if (kind != "gateway")
                    {
                        await host.OnHost("revoke", id, "ecgs:read", "ecgs:write");
                    }

                    return new Target(kind, ecg, token) { ClientId = id, Secret = secret };
                case "application":
                    var (app, user) = (await host.NewApp(isPublic: false), await NewPerson(host, admin, Password));
                    using (var browser = new Browser(host))
                    {
                        var consent = await browser.SignIn(app.Authorize(), user.Username, Password);
                        var tokens = await host.Redeem(app, (await browser.Press(consent, "allow")).Sent("code")!);
                        return new Target(kind, await Submit(host, tokens.AccessToken), tokens.AccessToken) { ClientId = app.Id, Secret = app.Secret, Person = user };
                    }

                default:
                    var password = kind == Own ? Person.Password : Password;
                    var person = await NewPerson(host, admin, password);
                    var own = (await host.Token(person.Username, password, person.Scopes)).AccessToken;
                    return new Target(kind, await Submit(host, own), own) { Person = person };
            }
        }

        /// <summary>What it signs in with, and where its users are sent back to.</summary>
        public async Task<string> State(RunningHost host)
        {
            var client = ClientId is null ? "" : await host.Query<string>(
                "select coalesce(max(concat_ws('|', client_secret, json_web_key_set, redirect_uris, permissions)), '') from identity.clients where client_id = $1", ClientId);
            var account = UserId is not { } id ? "" : await host.Query<string>(
                "select coalesce(max(concat_ws('|', password_hash, user_name, email)), '') from identity.accounts where id = $1", id);
            return $"{client}\n{account}";
        }

        private static async Task<Guid> Submit(RunningHost host, string token)
        {
            using var owner = host.Client(token);
            return await owner.Submit();
        }

        private static async Task<Person> NewPerson(RunningHost host, HttpClient admin, string password)
        {
            var username = People.NewName();
            var registered = await host.RegisterKnown(admin, username);
            Assert.Equal(HttpStatusCode.NoContent, (await host.Activate(registered.Token(), password)).StatusCode);
            return new Person(registered.Id(), username, "user");
        }
    }

    private sealed record KeyPair(SecurityKey Key, Dictionary<string, string> Jwk)
    {
        public static KeyPair Make()
        {
            var (key, jwk) = SigningClients.NewKey("ES256");
            return new KeyPair(key, jwk);
        }
    }

    /// <summary>Tries whatever a response holds in every way that leads into the service.</summary>
    private sealed partial class Burglar(RunningParts parts, Target target, KeyPair key)
    {
        // 256 bits in base64url are 43 characters.
        private const int ShortestToken = 40;

        // They open nothing, and lists hold many of them.
        private static readonly string[] Harmless = ["traceId", "next", "jwks"];

        private readonly RunningHost host = parts.Host;
        private readonly HashSet<string> tried = [];
        private readonly List<string> findings = [];

        /// <returns>How the token reaches the ECG; null if it does not.</returns>
        public static async Task<string?> Reaches(RunningHost host, string token, Guid ecg)
        {
            using var client = host.Client(token);
            using var read = await client.GetAsync($"{EcgCalls.Route}/{ecg}");
            using var list = await client.GetAsync(EcgCalls.Route);
            return read.IsSuccessStatusCode ? "read" : list.IsSuccessStatusCode && (await list.Content.ReadAsStringAsync()).Contains($"{ecg}", StringComparison.Ordinal) ? "listed" : null;
        }

        /// <param name="chosen">A password that the request set, or tried to.</param>
        /// <param name="token">The caller's own.</param>
        /// <returns>What led to the object or its ECG.</returns>
        public async Task<IReadOnlyList<string>> Try(string response, string? chosen, string? token = null)
        {
            findings.Clear();
            var (madeId, madeName, strings) = Read(response);
            foreach (var text in strings.Where(tried.Add))
            {
                if (await IsIdentifier(text))
                {
                    continue;
                }

                await TryAsToken(text, "an access token in the response");
                foreach (var id in new[] { target.ClientId, madeId }.OfType<string>().Distinct())
                {
                    await TryAsSecret(id, text);
                    await TryAsEnrolment(id, text);
                }

                await TryForm("a refresh token in the response", new() { ["grant_type"] = "refresh_token", ["client_id"] = "idoven-cli", ["refresh_token"] = text });
                foreach (var route in text.Length < ShortestToken ? [] : new[] { "activate", "recover/token" })
                {
                    using var used = await host.Anonymous.PostAsync($"/account/{route}", JsonContent.Create(new { token = text, password = Person.Password }));
                    if (used.IsSuccessStatusCode)
                    {
                        await TryPassword(madeName, "a one-time token in the response");
                        await TryPassword(target.Username, "a one-time token in the response");
                    }
                }

                if (RecoveryCode().IsMatch(text) && target.Username is { } identifier)
                {
                    using var used = await host.Anonymous.PostAsync("/account/recover/code", JsonContent.Create(new { identifier, code = text, password = Person.Password }));
                    Add(used.IsSuccessStatusCode, "a recovery code in the response");
                }
            }

            if (chosen is not null)
            {
                await TryPassword(target.Username, "the password that the caller chose");
            }

            if (target.ClientId is { } client)
            {
                var signing = new SigningClient(client, key.Key, "ES256");
                await TryForm("the key that the caller chose", signing.Form(signing.Assertion(parts.Settings.Issuer), "ecgs:read"));
            }

            if (token is not null)
            {
                await TryAsToken(token, "the caller's own token");
            }

            return [.. findings];
        }

        /// <summary>Whether it is the id of a client or the name of a user, which lists hold many of.</summary>
        private async Task<bool> IsIdentifier(string text) => await host.Query<bool>(
            "select exists (select from identity.clients where client_id = $1) or exists (select from users.users where username = $1)", text);

        private async Task TryAsToken(string text, string what)
        {
            if (text.Count(c => c == '.') != 2)
            {
                return;
            }

            Add(await Reaches(host, text, target.Ecg) is not null, what);
            if (text != target.AccessToken)
            {
                using var client = host.Client(text);
                using var deleted = await client.DeleteAsync($"{EcgCalls.Route}/{target.Ecg}");
                Add(deleted.IsSuccessStatusCode, $"{what} deletes the ECG");
            }
        }

        private async Task TryAsSecret(string id, string secret)
        {
            foreach (var scope in new[] { "ecgs:read", "ecgs:write", "users:read" })
            {
                var error = await TryForm("a secret in the response", new() { ["grant_type"] = "client_credentials", ["client_id"] = id, ["client_secret"] = secret, ["scope"] = scope });
                Add(id == target.ClientId && target.IsGuarded && error != "invalid_client", "a secret of the client is in the response");
                if (error == "invalid_client")
                {
                    return;
                }
            }
        }

        private async Task TryAsEnrolment(string id, string token)
        {
            using var enrolled = await host.Anonymous.Enrol(id, token);
            if (enrolled.IsSuccessStatusCode && (await enrolled.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString() is { } secret)
            {
                Add(id == target.ClientId, "an enrolment token of the client is in the response");
                await TryAsSecret(id, secret);
            }
        }

        private async Task TryPassword(string? username, string what)
        {
            if (username is not null)
            {
                await TryForm(what, new() { ["grant_type"] = "password", ["client_id"] = "idoven-cli", ["username"] = username, ["password"] = Person.Password, ["scope"] = "ecgs:read ecgs:write" });
            }
        }

        /// <returns>The error of the token endpoint; null where it gave a token, which is tried.</returns>
        private async Task<string?> TryForm(string what, Dictionary<string, string> form)
        {
            using var response = await host.Anonymous.PostAsync("/connect/token", new FormUrlEncodedContent(form));
            var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
            if (!response.IsSuccessStatusCode)
            {
                return answer.TryGetProperty("error", out var error) ? error.GetString() : "";
            }

            await TryAsToken(answer.GetProperty("access_token").GetString()!, what);
            return null;
        }

        private void Add(bool isFound, string finding)
        {
            if (isFound && !findings.Contains(finding))
            {
                findings.Add(finding);
            }
        }

        /// <summary>What a response made, and what in it may be a secret: of a list of strings the first, which stands for all of them.</summary>
        private static (string? Id, string? Username, IReadOnlyList<string> Strings) Read(string response)
        {
            JsonNode? root = null;
            try
            {
                root = response.Length == 0 ? null : JsonNode.Parse(response);
            }
            catch (JsonException)
            {
                return (null, null, [.. Word().Matches(response).Select(match => match.Value).Where(MayBeSecret)]);
            }

            return ((root as JsonObject)?["id"]?.ToString(), (root as JsonObject)?["username"]?.ToString(), [.. Strings(root).Where(MayBeSecret).Distinct()]);
        }

        private static IEnumerable<string> Strings(JsonNode? node) => node switch
        {
            JsonObject body => body.Where(member => !Harmless.Contains(member.Key)).SelectMany(member => Strings(member.Value)),
            JsonArray list when list.FirstOrDefault() is JsonValue first => Strings(first),
            JsonArray list => list.SelectMany(Strings),
            JsonValue value when value.TryGetValue<string>(out var text) => [text],
            _ => [],
        };

        private static bool MayBeSecret(string text) => Word().Match(text).Length == text.Length && text.Any(char.IsDigit) && !Guid.TryParse(text, out _);

        [GeneratedRegex("[A-Za-z0-9_.-]{20,}")]
        private static partial Regex Word();

        [GeneratedRegex("^([a-z2-7]{4}-)+[a-z2-7]{4}$")]
        private static partial Regex RecoveryCode();
    }
}
