using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Idoven.Host.Tests.Parts;
using Idoven.Identity;

namespace Idoven.Host.Tests.Identity;

/// <summary>Runs the examples of docs/flows exactly as a reader of the page would.</summary>
[Trait("Hosts", "one")]
public sealed partial class FlowDocsTests(RunningParts parts) : IAsyncLifetime
{
    private const string RedirectUri = "http://127.0.0.1:7890/callback";
    private static readonly string Folder = Path.Combine(Repository.Root, "docs", "flows");
    private RunningHost host = null!;

    public async ValueTask InitializeAsync() => host = await RunningHost.StartAtItsIssuer(parts.Settings);

    public ValueTask DisposeAsync() => host.DisposeAsync();

    [Fact]
    public void Every_page_has_its_test() => Assert.Equal(
        [
            "README.md", "authorization-code.md", "client-credentials.md", "device.md", "introspection.md", "private-key-jwt.md",
            "refresh.md",
        ],
        Directory.GetFiles(Folder).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));

    [Fact]
    public async Task Client_credentials()
    {
        var admin = (await host.Token("admin", "admin-demo-password", "clients:manage")).AccessToken;

        var said = await Run("client-credentials.md", null, ("ADMIN", admin));

        Assert.Contains("\"items\":", said, StringComparison.Ordinal);
        Assert.EndsWith("whole", said.TrimEnd(), StringComparison.Ordinal);
        Assert.DoesNotContain("not whole", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Private_key_jwt() => Assert.Contains(
        "\"access_token\"",
        await Run("private-key-jwt.md", null, ("ADMIN", (await host.Token("admin", "admin-demo-password", "clients:manage")).AccessToken)),
        StringComparison.Ordinal);

    [Fact]
    public async Task Authorization_code()
    {
        var app = await Register(
            "ecgs:read",
            new { name = "app", scopes = "openid offline_access".Split(' '), redirectUris = new[] { RedirectUri }, @public = true });
        var person = await parts.Host.NewPerson();
        using var browser = new Browser(host);

        var said = await Run(
            "authorization-code.md",
            async address => (await browser.Press(await browser.SignIn(address, person), "allow")).Location.AbsoluteUri,
            ("APP_ID", app));

        Assert.Contains("\"refresh_token\"", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Device()
    {
        var device = await Register(
            "ecgs:write",
            new { name = "device", scopes = "openid offline_access".Split(' '), deviceFlow = true, @public = true });
        var person = await parts.Host.NewPerson();
        using var browser = new Browser(host);

        var said = await Run(
            "device.md",
            async line =>
            {
                await browser.Press(await browser.SignIn(Address().Match(line).Value, person), "allow");
                return "";
            },
            ("DEVICE_ID", device));

        Assert.Contains("\"access_token\"", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refresh()
    {
        var tokens = await host.Token(await parts.Host.NewPerson());

        var said = await Run("refresh.md", null, ("APP_ID", "idoven-cli"), ("REFRESH_TOKEN", tokens.RefreshToken!));

        Assert.Equal(2, Regex.Count(said, "invalid_grant"));
    }

    [Fact]
    public async Task Introspection()
    {
        using var printed = new StringWriter();
        await IdentityModule.RunClientVerb(
            host.Services,
            ["register", "asker", "introspection"],
            TextReader.Null,
            printed,
            TextWriter.Null,
            TestContext.Current.CancellationToken);
        var asker = printed.ToString()
            .Split('\n')
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Take(2)
            .Select(pair => pair[1])
            .ToArray();

        var person = await parts.Host.NewPerson();
        var token = (await host.Token(person)).AccessToken;
        var said = await Run("introspection.md", null, ("ASKER_ID", asker[0]), ("ASKER_SECRET", asker[1]), ("TOKEN", token));

        var responses = said.Split('}').Select(response => response.Replace(" ", "", StringComparison.Ordinal)).ToArray();
        Assert.Contains($"\"sub\":\"{person.Id}\"", responses[0], StringComparison.Ordinal);
        Assert.Contains("\"active\":false", responses[1], StringComparison.Ordinal);
    }

    private Task<string> Run(string page, Func<string, Task<string?>>? act, params (string Name, string Value)[] variables) =>
        DocExamples.Run(host, Path.Combine(Folder, page), act, variables);

    private async Task<string> Register(string granted, object client)
    {
        using var admin = await host.Admin();
        using var response = await admin.PostAsync(TestClients.Route, JsonContent.Create(client));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        var id = (await response.Content.ReadFromJsonAsync<JsonElement>()).ClientId();
        await host.Grant(id, granted);
        return id;
    }

    [GeneratedRegex("https?://[^ ]+")]
    private static partial Regex Address();
}
