using System.Net;
using Idoven.Host.Tests.Parts;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Idoven.Host.Tests.Users;

/// <summary>Represents a client or a user that has an ECG.</summary>
internal sealed record MatrixObject(string Kind, Guid Ecg, string AccessToken)
{
    public const string Own = "the caller's own account";
    private const string Application = "application";
    private const string Gateway = "gateway";
    private const string FormerGateway = "client without scopes for ECGs";
    private const string User = "another user";
    private const string Password = "the password of the object's holder";

    public static string[] Kinds { get; } = [Gateway, Application, FormerGateway, User, Own];

    public string? ClientId { get; init; }

    public string? Secret { get; init; }

    public TestUser? Person { get; init; }

    public Guid? UserId => Person?.Id;

    public string? Username => Person?.Username;

    /// <summary>Gets whether no other caller may change its credentials, not even with a request that succeeds.</summary>
    public bool IsGuarded => Kind is Gateway or Application or User;

    /// <summary>Gets the id of the owner of the ECG: for an application, the user who signed in through it.</summary>
    public string Owner => Person is null ? ClientId! : $"{UserId}";

    private bool IsClientOnly => Person is null;

    public bool IsNamedIn(Uri address) => new[] { ClientId, $"{UserId}" }
        .Any(id => !string.IsNullOrEmpty(id) && address.ToString().Contains(id, StringComparison.Ordinal));

    /// <summary>Gets the id for a path: of the ids of an application and its user, the one of the route's kind.</summary>
    public string IdFor(string path)
    {
        if (path.Contains("/sessions/", StringComparison.Ordinal))
        {
            return new JsonWebToken(AccessToken).GetClaim("sid").Value;
        }

        string[] ofClients = [TestClients.Route, "/account/applications/"];
        var isOfClients = ofClients.Any(prefix => path.StartsWith(prefix, StringComparison.Ordinal));
        return ClientId is not null && (IsClientOnly || isOfClients) ? ClientId : $"{UserId}";
    }

    public static async Task<MatrixObject> Make(RunningHost host, string kind)
    {
        using var admin = await host.Superadmin();
        return kind switch
        {
            Gateway or FormerGateway => await MakeGateway(host, admin, kind),
            Application => await MakeApplication(host, admin),
            _ => await MakeUser(host, admin, kind),
        };
    }

    /// <summary>Gets the credentials and the redirect address of the client.</summary>
    public async Task<string> Credentials(RunningHost host)
    {
        var client = ClientId is null ? "" : await host.Query<string>(
            """
            select coalesce(max(concat_ws('|', client_secret, json_web_key_set, redirect_uris, permissions)), '')
            from identity.clients where client_id = $1
            """,
            ClientId);
        var account = UserId is not { } id ? "" : await host.Query<string>(
            "select coalesce(max(concat_ws('|', password_hash, user_name, email)), '') from identity.accounts where id = $1", id);
        return $"{client}\n{account}";
    }

    private static async Task<MatrixObject> MakeGateway(RunningHost host, HttpClient admin, string kind)
    {
        var (id, secret) = await admin.NewClient("ecgs:read", "ecgs:write", "users:read");
        var token = await host.MachineToken(id, secret, "ecgs:read ecgs:write");
        var ecg = await Submit(host, token);
        if (kind == FormerGateway)
        {
            await host.OnHost("revoke", id, "ecgs:read", "ecgs:write");
        }

        return new MatrixObject(kind, ecg, token) { ClientId = id, Secret = secret };
    }

    private static async Task<MatrixObject> MakeApplication(RunningHost host, HttpClient admin)
    {
        var (app, user) = (await host.NewApp(isPublic: false), await NewPerson(host, admin, Password));
        using var browser = new Browser(host);
        var consent = await browser.SignIn(app.Authorize(), user.Username, Password);
        var token = (await host.Redeem(app, (await browser.Press(consent, "allow")).Sent("code")!)).AccessToken;
        return new MatrixObject(Application, await Submit(host, token), token) { ClientId = app.Id, Secret = app.Secret, Person = user };
    }

    private static async Task<MatrixObject> MakeUser(RunningHost host, HttpClient admin, string kind)
    {
        // The password of another user differs from every password that a caller sends.
        var password = kind == Own ? TestUser.Password : Password;
        var person = await NewPerson(host, admin, password);
        var token = (await host.Token(person.Username, password, person.Scopes)).AccessToken;
        return new MatrixObject(kind, await Submit(host, token), token) { Person = person };
    }

    private static async Task<Guid> Submit(RunningHost host, string token)
    {
        using var owner = host.Client(token);
        return await owner.Submit();
    }

    private static async Task<TestUser> NewPerson(RunningHost host, HttpClient admin, string password)
    {
        var username = TestUsers.NewName();
        var registered = await host.RegisterKnown(admin, username);
        Assert.Equal(HttpStatusCode.NoContent, (await host.Activate(registered.Token(), password)).StatusCode);
        return new TestUser(registered.Id(), username, "user");
    }
}
