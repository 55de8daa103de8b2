using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests;

/// <summary>Tests the POSTs that return a secret once: repeated with the same key, they do nothing and do not return the secret.</summary>
public sealed class IdempotencyTests(RunningParts parts)
{
    private const string Key = "the-same";

    /// <summary>
    /// Represents a POST that creates something: its route, a body, the secret members, and a count of the created objects.
    /// </summary>
    internal sealed record Making(string Route, string? Body, string[] Secrets, Func<Task<long>> Count);

    public static TheoryData<string> Posts =>
    [
        "users", "users/{id}/activation", "clients", "clients that enrol", "clients/{id}/secrets", "clients/{id}/enrolment",
    ];

    [Theory, MemberData(nameof(Posts))]
    public async Task Twenty_concurrent_requests_with_one_key_create_once_and_only_the_first_gets_the_secret(string post)
    {
        var making = await Make(post);
        using var admin = await parts.Host.SignIn(await parts.Host.NewPerson("admin"));
        var before = await making.Count();

        var responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => admin.PostUnderKey(making.Route, making.Body, Key)));

        Assert.All(responses, response => Assert.Equal(HttpStatusCode.Created, response.StatusCode));
        Assert.Single(responses.Select(response => response.Headers.Location).Distinct());
        Assert.Single(responses.Select(response => response.Headers.ETag).Distinct());
        var bodies = await Task.WhenAll(
            responses.Select(async response => JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject()));
        var first = Assert.Single(bodies, body => making.Secrets.All(member => body[member] is not null));
        foreach (var repeated in bodies.Where(body => body != first))
        {
            Assert.All(making.Secrets, member => Assert.True(repeated.ContainsKey(member) && repeated[member] is null, member));
            Assert.Equal(Without(first, making.Secrets), Without(repeated, making.Secrets));
        }

        Assert.Equal(before + 1, await making.Count());
    }

    [Theory, MemberData(nameof(Posts))]
    public async Task Another_body_under_the_same_key_is_422(string post)
    {
        var making = await Make(post);
        using var admin = await parts.Host.SignIn(await parts.Host.NewPerson("admin"));
        Assert.Equal(HttpStatusCode.Created, (await admin.PostUnderKey(making.Route, making.Body, Key)).StatusCode);
        var before = await making.Count();

        var problem = await (await admin.PostUnderKey(making.Route, $"{making.Body ?? "{}"} ", Key)).Problem(
            HttpStatusCode.UnprocessableEntity);

        Assert.Equal("/problems/key-reused", problem.GetProperty("type").GetString());
        Assert.Equal(before, await making.Count());
    }

    [Fact]
    public async Task Idempotency_key_is_scoped_to_its_subject_and_route()
    {
        using var admin = await parts.Host.SignIn(await parts.Host.NewPerson("admin"));
        using var other = await parts.Host.SignIn(await parts.Host.NewPerson("admin"));
        const string client = """{"name":"a","scopes":["users:read"]}""";

        var first = await admin.PostUnderKey(TestClients.Route, client, Key);
        var second = await other.PostUnderKey(TestClients.Route, client, Key);
        var elsewhere = await admin.PostUnderKey($"{first.Headers.Location}/secrets", null, Key);

        Assert.NotEqual(first.Headers.Location, second.Headers.Location);
        Assert.Equal(HttpStatusCode.Created, elsewhere.StatusCode);
        Assert.NotNull((await elsewhere.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString());
    }

    [Fact]
    public async Task Rejected_request_does_not_use_up_its_key()
    {
        using var admin = await parts.Host.SignIn(await parts.Host.NewPerson("admin"));
        using var superadmin = await parts.Host.Superadmin();
        var (taken, free) = (TestUsers.NewName(), TestUsers.NewName());
        await superadmin.Register(taken);

        await (await admin.PostUnderKey(TestUsers.Route, "{}", Key)).Problem(HttpStatusCode.BadRequest);
        await (await admin.PostUnderKey(TestUsers.Route, User(taken), Key)).Problem(HttpStatusCode.Conflict);
        await (await admin.PostUnderKey(TestUsers.Route, User(free, "admin"), Key)).Problem(HttpStatusCode.Forbidden);

        Assert.Equal(HttpStatusCode.Created, (await admin.PostUnderKey(TestUsers.Route, User(free), Key)).StatusCode);
    }

    [Fact]
    public async Task Repeated_request_does_not_create_a_deleted_resource_again()
    {
        using var admin = await parts.Host.SignIn(await parts.Host.NewPerson("admin"));
        foreach (var (route, body) in new[]
        {
            (TestUsers.Route, User(TestUsers.NewName())),
            (TestClients.Route, """{"name":"a","scopes":["ecgs:read"]}"""),
        })
        {
            var made = await admin.PostUnderKey(route, body, Key);
            await admin.DeleteAsync(made.Headers.Location);

            await (await admin.PostUnderKey(route, body, Key)).Problem(HttpStatusCode.NotFound);
        }
    }

    [Fact]
    public async Task Repeated_request_does_not_issue_a_used_activation_again()
    {
        using var admin = await parts.Host.SignIn(await parts.Host.NewPerson("admin"));
        var user = (await admin.Register(TestUsers.NewName())).Id();
        var route = $"{TestUsers.Route}/{user}/activation";
        var issued = await (await admin.PostUnderKey(route, null, Key)).Content.ReadFromJsonAsync<JsonElement>();
        await Eventually.Holds(
            async () => (await parts.Host.Activate(issued.GetProperty("token").GetString()!)).StatusCode == HttpStatusCode.NoContent);
        await Eventually.Holds(
            async () =>
                await parts.Host.Query<long>("select count(*) from users.users where id = $1 and activated_at is not null", user) == 1);

        var again = await (await admin.PostUnderKey(route, null, Key)).Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal("""{"url":null,"token":null,"expiresAt":null}""", again.GetRawText());
    }

    [Fact]
    public async Task Idempotency_keys_are_erased_with_their_subject()
    {
        var person = await parts.Host.NewPerson("admin");
        using var admin = await parts.Host.SignIn(person);
        using var superadmin = await parts.Host.Superadmin();
        var gateway = await Registrar(superadmin);
        using var machine = parts.Host.Client(await parts.Host.MachineToken(gateway.Id, gateway.Secret, "users:write"));
        await admin.PostUnderKey(TestClients.Route, """{"name":"a","scopes":["ecgs:read"]}""", Key);
        await admin.PostUnderKey(TestUsers.Route, User(TestUsers.NewName()), Key);
        await machine.PostUnderKey(TestUsers.Route, User(TestUsers.NewName()), Key);
        Assert.Equal((2, 1), (await Kept($"{person.Id}"), await Kept($"client:{gateway.Id}")));

        await superadmin.DeleteAsync($"{TestUsers.Route}/{person.Id}");
        await superadmin.DeleteAsync($"{TestClients.Route}/{gateway.Id}");

        await Eventually.Holds(async () => await Kept($"{person.Id}") + await Kept($"client:{gateway.Id}") == 0);
    }

    private static Task<(string Id, string Secret)> Registrar(HttpClient admin) => admin.NewClient("users:read", "users:write");

    private Task<long> Kept(string subject) => parts.Host.Query<long>(
        "select (select count(*) from users.idempotency where subject = $1) + (select count(*) from identity.idempotency "
            + "where subject = $1)", subject);

    private static string User(string name, string role = "user") => $$"""{"username":"{{name}}","role":"{{role}}"}""";

    private async Task<Making> Make(string post)
    {
        using var admin = await parts.Host.Superadmin();
        switch (post)
        {
            case "users":
                var name = TestUsers.NewName();
                return new Making(TestUsers.Route, User(name), ["activation"], () => Count("users.users where username = $1", name));
            case "clients" or "clients that enrol":
                var (scope, secret) = post == "clients" ? ("users:read", "secret") : ("ecgs:read", "enrolment");
                var client = $"client {Guid.NewGuid()}";
                return new Making(
                    TestClients.Route, $$"""{"name":"{{client}}","scopes":["{{scope}}"]}""", [secret], () =>
                        Count("identity.clients where display_name = $1", client));
            case "clients/{id}/secrets":
                var (id, _) = await admin.NewClient("users:read");
                return new Making(
                    $"{TestClients.Route}/{id}/secrets", null, ["secret"],
                    async () =>
                        (await parts.Host.Query<string>("select client_secret from identity.clients where client_id = $1", id))
                            .Split(' ').Length);
            case "clients/{id}/enrolment":
                var enrolling = (await admin.RegisterClient("ecgs:read")).ClientId();
                return new Making(
                    $"{TestClients.Route}/{enrolling}/enrolment", null, ["token", "expiresAt"],
                    () => Count("identity.client_enrolments join identity.clients on id = client_key where client_id = $1", enrolling));
            default:
                var user = (await admin.Register(TestUsers.NewName())).Id();
                return new Making(
                    $"{TestUsers.Route}/{user}/activation", null, ["url", "token"],
                    () => Count("users.outbox where key = $1 and type like '%ActivationIssued'", user));
        }
    }

    private Task<long> Count(string rows, object parameter) => parts.Host.Query<long>($"select count(*) from {rows}", parameter);

    private static string Without(JsonObject body, string[] members) =>
        new JsonObject(
            body.Where(member => !members.Contains(member.Key)).Select(
                member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())))
            .ToJsonString();
}
