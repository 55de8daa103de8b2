using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Idoven.Host.Tests.Parts;
using Npgsql;
using RabbitMQ.Client;

namespace Idoven.Host.Tests;

/// <summary>
/// Puts marks wherever a caller can send text, lets requests succeed and fail, and then searches every log, trace, metric and message for
/// the marks: data of patients and devices stays in the database, and secrets are stored nowhere.
/// </summary>
public sealed class LeakTests(RunningParts parts)
{
    private const string Samples = "1734567891";
    private static readonly string[] Users =
    [
        "Idoven.Users.Contracts:UserRegistered", "Idoven.Users.Contracts:UserChanged", "Idoven.Users.Contracts:ActivationIssued",
        "Idoven.Users.Contracts:UserDeleted",
    ];
    private static readonly string[] Others =
    [
        "Idoven.Ecgs.Contracts:EcgSubmitted", "Idoven.Identity.Contracts:AccountActivated", "Idoven.Identity.Contracts:SessionsRevoked",
        "Idoven.Identity.Contracts:OwnerErased",
    ];

    private readonly List<(string Mark, string Looked)> marks = [(Samples, Samples)];

    [Fact]
    public async Task No_sample_name_or_token_is_in_a_log_trace_metric_or_message()
    {
        var settings = await parts.OwnParts();
        await using var collector = await Collector.Start();
        using var host = await HostProcess.Start(
            settings,
            ("Logging:MaxLinesPerSecond", "0"),
            ("Logging:LogLevel:Default", "Information"),
            ("Logging:LogLevel:Idoven", "Trace"),
            ("Ecgs:RetryAfter:0", "00:00:00.1"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address.ToString()),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_BSP_SCHEDULE_DELAY", "200"),
            ("OTEL_BLRP_SCHEDULE_DELAY", "200"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "500"));
        await using var database = NpgsqlDataSource.Create(settings.Admin);
        var watching = await Task.WhenAll(
            ((string[])[.. Users, .. Others]).Select(exchange => WatchingQueue.Bind(settings.Broker, exchange)).Append(
                WatchingQueue.OfEvents(settings.Broker)));
        try
        {
            var user = await LiveAsAUser(host);
            await SignInBadly(host);
            var ecg = await UseAndBreakEcgs(host, database, user.Token, watching[^1]);
            await DeleteAndFail(host, database, user.Id);

            // Marks that must be found show that the search works.
            await Eventually.Holds(() => Task.FromResult(
                host.Log.Contains("could not be handled", StringComparison.Ordinal)
                && host.Log.Contains("failed", StringComparison.Ordinal)
                && collector.GetText("logs").Contains("could not be handled", StringComparison.Ordinal)
                && collector.GetText("traces").Contains("/api/v1/users/{id}", StringComparison.Ordinal)
                && collector.GetText("metrics").Contains("ecgs_processed", StringComparison.Ordinal)
                && watching.All(queue => queue.Seen.Count > 0)
                && watching[^1].FindMessages(ecg).Any(message => message.RoutingKey == "ecg.deleted.v1")));
            var messages = watching.SelectMany(queue => queue.Seen).Select(Text).ToList();
            Assert.Contains(messages, message => message.Contains(ecg.ToString(), StringComparison.Ordinal));
            Assert.Contains(messages, message => message.Contains(user.Name, StringComparison.Ordinal));

            AssertHasNoMark("the log", host.Log);
            AssertHasNoMark("/metrics", await host.Management.GetStringAsync("/metrics"));
            foreach (var signal in new[] { "traces", "logs", "metrics" })
            {
                AssertHasNoMark($"the {signal} sent by OTLP", collector.GetText(signal));
            }

            AssertHasNoMark("the audit log", await ReadAuditLog(database));

            // Identity receives the names that a user signs in with, and nothing else.
            AssertHasNoMark("a message", string.Join('\n', messages), except: [user.Name, user.Email]);
            Assert.All(
                watching[Users.Length..].SelectMany(queue => queue.Seen).Select(Text),
                message => Assert.DoesNotContain(user.Name, message, StringComparison.Ordinal));
        }
        finally
        {
            foreach (var queue in watching)
            {
                await queue.DisposeAsync();
            }
        }
    }

    private async Task<(Guid Id, string Name, string Email, string Token)> LiveAsAUser(HostProcess host)
    {
        using var admin = host.Client(
            (await Token(host, "superadmin", "superadmin-demo-password", "openid users:read users:write clients:manage")).AccessToken);
        var (name, email, password) = (Mark("username"), $"{Mark("email")}@example.org", Mark("password"));
        var registration = new { username = name, email, displayName = Mark("displayname"), role = "user" };
        using var registered = await admin.PostAsJsonAsync(TestUsers.Route, registration);
        var user = await registered.Content.ReadFromJsonAsync<JsonElement>();
        Keep(user.Token());
        Assert.Equal(HttpStatusCode.Conflict, (await admin.PostAsJsonAsync(TestUsers.Route, registration)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync($"{TestUsers.Route}?username={name}")).StatusCode);
        await admin.PostAsync(TestUsers.Route, TestUsers.Json($$"""{"username":"{{Mark("bad name")}}","{{Mark("member")}}":1}"""));

        using var reissued = await admin.PostAsync(
            $"{TestUsers.Route}/{(await admin.Register(TestUsers.NewName())).Id()}/activation", null);
        Keep((await reissued.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!);

        using var anonymous = host.Client();
        await anonymous.GetAsync($"/account/activate?token={user.Token()}");
        await anonymous.PostAsJsonAsync("/account/activate", new { token = Mark("token"), password });
        Assert.Equal(
            HttpStatusCode.NoContent,
            (await anonymous.PostAsJsonAsync("/account/activate", new { token = user.Token(), password })).StatusCode);

        var first = await Token(host, name, password, "openid account offline_access ecgs:read ecgs:write users:read users:write");
        var second = await Refresh(host, first.RefreshToken!);

        // A refresh after a lost response is allowed once; a use of the lost token ends the session.
        await Refresh(host, first.RefreshToken!);
        await Assert.ThrowsAsync<InvalidOperationException>(() => Refresh(host, first.RefreshToken!));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Refresh(host, second.RefreshToken!));
        var token = (await Token(host, name, password, "openid account ecgs:read ecgs:write users:read users:write")).AccessToken;
        using var self = host.Client(token);
        await self.Patch(user.Id(), $$"""{"displayName":"{{Mark("new displayname")}}"}""");
        await self.PostAsJsonAsync(
            "/account/password", new { currentPassword = Mark("wrong password"), newPassword = Mark("new password") });

        using var client = await admin.PostAsJsonAsync(TestClients.Route, new { name = Mark("client"), scopes = new[] { "ecgs:read" } });
        var machine = await client.Content.ReadFromJsonAsync<JsonElement>();
        Keep(machine.EnrolmentToken());
        await anonymous.Enrol(machine.ClientId(), Mark("enrolment token"));
        using var enrolled = await anonymous.Enrol(machine.ClientId(), machine.EnrolmentToken());
        var secret = (await enrolled.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!;
        Keep(secret);
        Keep((await Token(host, new()
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = machine.ClientId(),
            ["client_secret"] = secret,
        })).AccessToken);
        await Eventually.Holds(async () =>
            (await self.GetFromJsonAsync<JsonElement>($"{TestUsers.Route}/me")).GetProperty("activatedAt").ValueKind
            != JsonValueKind.Null);
        return (user.Id(), name, email, token);
    }

    private async Task SignInBadly(HostProcess host)
    {
        using var browser = host.Client();
        await browser.GetAsync(
            $"/connect/authorize?client_id=demo-app&redirect_uri={Mark("redirect")}&state={Mark("state")}&login_hint={Mark("login hint")}");
        await browser.GetAsync($"/connect/logout?id_token_hint={Mark("id token")}&state={Mark("state")}");
        await browser.PostAsync(
            "/connect/authorize",
            new FormUrlEncodedContent([new("answer", "sign-in"), new("username", Mark("username")), new("password", Mark("password"))]));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Token(host, Mark("unknown"), Mark("password"), "ecgs:read"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Token(host, "user", Mark("password"), Mark("scope")));
        using var forged = host.Client(Mark("token"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await forged.GetAsync(EcgCalls.Route)).StatusCode);
    }

    private async Task<Guid> UseAndBreakEcgs(HostProcess host, NpgsqlDataSource database, string token, WatchingQueue events)
    {
        using var owner = host.Client(token);
        owner.DefaultRequestHeaders.Add("Idempotency-Key", Mark("key"));
        owner.DefaultRequestHeaders.Add("baggage", $"patient={Mark("baggage")}");
        owner.DefaultRequestHeaders.Add("Prefer", "wait=20");
        var externalId = Mark("externalId");
        var signal = $"[{Samples},-{Samples},3]";
        var body = $$"""{"date":"2026-11-23T10:15:00Z","externalId":"{{externalId}}","leads":[{"name":"I","signal":{{signal}}}]}""";
        using var uploaded = await owner.Upload(body);
        Assert.Equal(HttpStatusCode.Created, uploaded.StatusCode);
        var ecg = Guid.Parse(uploaded.Headers.Location!.ToString().Split('/')[4]);
        await owner.GetAsync($"{EcgCalls.Route}?externalId={externalId}");
        Assert.Contains(Samples, await owner.GetStringAsync($"{EcgCalls.Route}/{ecg}/signal?lead=I"), StringComparison.Ordinal);
        await owner.GetAsync($"{EcgCalls.Route}/{ecg}/signal?lead={Mark("lead")}");
        await owner.Upload(body.Replace("[1", $"[\"{Mark("text")}\",1", StringComparison.Ordinal));
        await owner.Upload(body[..^40]);
        await owner.GetAsync($"{EcgCalls.Route}?cursor={Mark("cursor")}");

        // One ECG cannot be analysed, and one message cannot be read.
        await Execute(
            database,
            """
            create function ecgs.spoil() returns trigger language plpgsql as $$ begin new.bytes := '\x00'; return new; end $$;
            create trigger spoil before insert on ecgs.signal_blocks for each row execute function ecgs.spoil();
            """);
        owner.DefaultRequestHeaders.Remove("Idempotency-Key");
        owner.DefaultRequestHeaders.Remove("Prefer");
        Assert.Equal(HttpStatusCode.Accepted, (await owner.Upload(body)).StatusCode);
        await events.Publish(
            "ecgs-process-ecg",
            new SeenMessage(
                "", new BasicProperties { ContentType = "application/json" }, Encoding.UTF8.GetBytes($"{{\"{Mark("message")}\":")));
        Assert.Equal(HttpStatusCode.NoContent, (await owner.DeleteAsync($"{EcgCalls.Route}/{ecg}")).StatusCode);
        return ecg;
    }

    /// <summary>Deletes the user; then a statement that contains a name fails, as it would on a damaged table.</summary>
    private async Task DeleteAndFail(HostProcess host, NpgsqlDataSource database, Guid user)
    {
        using var admin = host.Client((await Token(host, "superadmin", "superadmin-demo-password", "users:read users:write")).AccessToken);
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"{TestUsers.Route}/{user}")).StatusCode);
        await Execute(database, "alter table users.users add constraint damaged check (username not like 'mark-damaged%')");
        Assert.Equal(
            HttpStatusCode.InternalServerError,
            (await admin.PostAsJsonAsync(TestUsers.Route, new { username = Mark("damaged"), role = "user" })).StatusCode);
    }

    private async Task<TokenResponse> Token(HostProcess host, string username, string password, string scope) => await Token(host, new()
    {
        ["grant_type"] = "password",
        ["client_id"] = "idoven-cli",
        ["username"] = username,
        ["password"] = password,
        ["scope"] = scope,
    });

    private async Task<TokenResponse> Refresh(HostProcess host, string refreshToken) => await Token(host, new()
    {
        ["grant_type"] = "refresh_token",
        ["client_id"] = "idoven-cli",
        ["refresh_token"] = refreshToken,
    });

    private async Task<TokenResponse> Token(HostProcess host, Dictionary<string, string> form)
    {
        using var anonymous = host.Client();
        using var response = await anonymous.PostAsync("/connect/token", new FormUrlEncodedContent(form));
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException(await response.Content.ReadAsStringAsync());
        }

        var token = (await response.Content.ReadFromJsonAsync<TokenResponse>())!;
        Keep(token.AccessToken);
        if (token.RefreshToken is { } refreshToken)
        {
            Keep(refreshToken);
        }

        return token;
    }

    /// <summary>
    /// Adds a mark: a text that occurs nowhere else. The search uses a short part of it, so that a truncated mark is found too.
    /// </summary>
    private string Mark(string what)
    {
        var core = Guid.NewGuid().ToString("N")[..12];
        marks.Add(($"mark-{what}-{core}", core));
        return marks[^1].Mark;
    }

    /// <summary>Adds a secret that the service created. Tokens begin alike, so the search uses a later part.</summary>
    private void Keep(string secret) => marks.Add((secret, secret[^20..^4]));

    private void AssertHasNoMark(string place, string text, params string[] except)
    {
        Assert.NotEmpty(text);
        Assert.All(marks.Where(mark => !except.Any(allowed => allowed.Contains(mark.Looked, StringComparison.Ordinal))), mark =>
        {
            var at = text.IndexOf(mark.Looked, StringComparison.OrdinalIgnoreCase);
            Assert.True(at < 0, $"{mark.Mark} is in {place}: {text[Math.Max(0, at - 200)..Math.Min(text.Length, Math.Max(0, at) + 100)]}");
        });
    }

    private static string Text(SeenMessage message) =>
        $"{message.RoutingKey} {Headers(message)} {Encoding.UTF8.GetString(message.Body)}";

    private static string Headers(SeenMessage message) => JsonSerializer.Serialize(message.Properties.Headers?.ToDictionary(
        header => header.Key,
        header => header.Value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : header.Value?.ToString()));

    private static async Task<string> ReadAuditLog(NpgsqlDataSource database)
    {
        await using var rows = database.CreateCommand(
            "select string_agg(entry::text, ' ') from (select * from identity.audit union all select * from users.audit) entry");
        return (string)(await rows.ExecuteScalarAsync())!;
    }

    private static async Task Execute(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
