using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Contract;

/// <summary>Represents a request that succeeds, whose parts can be changed one by one.</summary>
internal sealed record Sample(Operation Operation, string? Token, string Address, string? Body = null)
{
    public string ContentType { get; init; } = "application/json";

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public Sample With(string header, string value) =>
        this with { Headers = new Dictionary<string, string>(Headers) { [header] = value } };

    public async Task<HttpResponseMessage> Send(RunningHost host)
    {
        using var client = host.Client(Token);
        using var request = new HttpRequestMessage(Operation.Method, Address);
        request.Content = Body is null ? null : new StringContent(Body, Encoding.UTF8, ContentType);
        foreach (var (name, value) in Headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        return await client.SendAsync(request);
    }
}

/// <summary>Creates requests that succeed, each with its own resources.</summary>
internal sealed class Samples(RunningHost host)
{
    /// <summary>Gets a token with the scope of the operation, of a user or client that owns nothing.</summary>
    public Task<string> Token(Operation operation) => operation.Scope switch
    {
        "ecgs:read" or "ecgs:write" => host.NewOwnerToken("ecgs:read ecgs:write"),
        "events:read" => host.NewOwnerToken("events:read"),
        "clients:self" => host.NewOwnerToken("clients:self"),
        _ => Superadmin("openid account users:read users:write clients:manage operations"),
    };

    /// <summary>Gets a token for the same module without the scope of the operation.</summary>
    public Task<string> WrongToken(Operation operation) => operation.Scope switch
    {
        "ecgs:read" or "ecgs:write" => host.NewOwnerToken("events:read"),
        "events:read" => host.NewOwnerToken("ecgs:read"),
        "users:read" => host.NewOwnerToken("users:write"),
        "users:write" => host.NewOwnerToken("users:read"),
        "clients:manage" => Superadmin("openid"),
        "account" => Superadmin("openid"),
        _ when operation.Path.Contains("ecgs", StringComparison.Ordinal) => host.NewOwnerToken("ecgs:read"),
        _ when operation.Path.Contains("users", StringComparison.Ordinal) => host.NewOwnerToken("users:read"),
        _ => Superadmin("openid"),
    };

    public async Task<Sample> Create(Operation operation)
    {
        switch (operation.Id)
        {
            case "RegisterUser":
                return new Sample(
                    operation, await Token(operation), operation.Path, $$"""{"username":"{{TestUsers.NewName()}}","role":"user"}""");
            case "GetUser" or "ChangeUser" or "DeleteUser" or "IssueActivation":
                return new Sample(
                    operation, await Token(operation), operation.Path.Replace("{id}", $"{await NewUser()}", StringComparison.Ordinal),
                    operation.Body?.ToJsonString())
                    .With(operation.Id == "ChangeUser" ? "If-Match" : "x-none", "*");
            case "GetErasure":
                var erased = await NewUser();
                using (var admin = await host.Superadmin())
                {
                    await admin.DeleteAsync($"{TestUsers.Route}/{erased}");
                }

                return new Sample(operation, await Token(operation), $"{TestUsers.Route}/erasures/{erased}");
            case "GetMe" or "ListSessions" or "ListApplications" or "EndAllSessions" or "GetSecondFactor" or "AskForEmailVerification"
                or "ReadAccountAudit" or "ReadMyAudit":
                return new Sample(operation, (await host.Token(await host.NewPerson())).AccessToken, operation.Path);
            case "EndSession":
                var token = (await host.Token(await host.NewPerson())).AccessToken;
                return new Sample(
                    operation, token,
                    operation.Path.Replace(
                        "{id}", new Microsoft.IdentityModel.JsonWebTokens.JsonWebToken(token).GetClaim("sid").Value,
                        StringComparison.Ordinal));
            case "WithdrawConsent":
                var (app, giver) = (await host.NewApp(), await host.NewPerson());
                using (var browser = new Browser(host))
                {
                    await browser.SignInAndAllow(app.Authorize(), giver);
                }

                return new Sample(
                    operation, (await host.Token(giver)).AccessToken, operation.Path.Replace("{id}", app.Id, StringComparison.Ordinal));
            case "ChangePassword":
                return new Sample(
                    operation, (await host.Token(await host.NewPerson())).AccessToken, operation.Path,
                    new JsonObject { ["currentPassword"] = TestUser.Password, ["newPassword"] = "an even longer password" }.ToJsonString());
            case "BeginSecondFactor" or "ReplaceRecoveryCodes":
                return WithBody(operation, (await host.Token(await host.NewPerson())).AccessToken, new { password = TestUser.Password });
            case "ConfirmSecondFactor":
                var beginner = (await host.Token(await host.NewPerson())).AccessToken;
                using (var self = host.Client(beginner))
                {
                    return WithBody(operation, beginner, new { code = (await self.BeginSecondFactor()).Code() });
                }

            case "TurnSecondFactorOff":
                var (strong, codes) = await WithSecondFactor();
                return WithBody(operation, strong, new { password = TestUser.Password, code = codes[1] });
            case "VerifyEmail":
                return WithBody(operation, null, new { token = await OneTimeToken("EmailVerification"), password = TestUser.Password });
            case "Recover":
                return WithBody(operation, null, new { token = await OneTimeToken("Recovery"), password = "an even longer password" });
            case "AskForRecovery":
                return new Sample(operation, null, operation.Path, operation.Body!.ToJsonString());
            case "RecoverWithCode":
                var loser = await host.NewPerson();
                return WithBody(operation, null,
                    new
                    {
                        identifier = loser.Username,
                        code = (await host.TurnSecondFactorOn(loser)).RecoveryCodes[0],
                        password = "an even longer password",
                    });
            case "ActivateAccount":
                using (var admin = await host.Superadmin())
                {
                    var registered = await host.RegisterKnown(admin, TestUsers.NewName());
                    return new Sample(
                        operation, null, operation.Path,
                        new JsonObject { ["token"] = registered.Token(), ["password"] = TestUser.Password }.ToJsonString());
                }

            case "GetClient" or "ChangeClient" or "DeleteClient" or "RotateClientSecret":
                using (var admin = await host.Superadmin())
                {
                    var client = operation.Path.Replace("{id}", (await admin.NewClient("users:read")).Id, StringComparison.Ordinal);
                    return new Sample(operation, await Token(operation), client, operation.Body?.ToJsonString())
                        .With(operation.Id == "ChangeClient" ? "If-Match" : "x-none", "*");
                }

            case "IssueEnrolment" or "EnrolClient":
                using (var admin = await host.Superadmin())
                {
                    var client = await admin.RegisterClient("ecgs:read");
                    return operation.Id == "EnrolClient"
                        ? WithBody(operation, null, new { clientId = client.ClientId(), token = client.EnrolmentToken() })
                        : new Sample(
                            operation, await Token(operation), operation.Path.Replace("{id}", client.ClientId(), StringComparison.Ordinal));
                }

            case "GetEcg" or "DeleteEcg" or "GetInsights" or "GetSignal" or "GetBeats" or "ReprocessEcg" or "ListEcgAccesses":
                var (owner, ecg) = await NewProcessedEcg();
                return new Sample(
                    operation, owner,
                    operation.Path.Replace("{id}", $"{ecg}", StringComparison.Ordinal)
                        + (operation.Id == "GetSignal" ? "?lead=I&from=0&to=2" : ""));
            case var id when id.StartsWith("ReplayParked", StringComparison.Ordinal)
                || id.StartsWith("DiscardParked", StringComparison.Ordinal):
                return new Sample(
                    operation, await Token(operation),
                    operation.Path.Replace("{id}", $"{await ParkMessage(operation.Path.Split('/')[3])}", StringComparison.Ordinal));
            default:
                return new Sample(operation, await Token(operation), operation.Path, operation.Body?.ToJsonString());
        }
    }

    private static Sample WithBody(Operation operation, string? token, object body) =>
        new(operation, token, operation.Path, JsonSerializer.Serialize(body));

    /// <summary>Creates a user with a second factor.</summary>
    public async Task<(string Token, IReadOnlyList<string> RecoveryCodes)> WithSecondFactor()
    {
        var person = await host.NewPerson();
        var (_, codes) = await host.TurnSecondFactorOn(person);
        return ((await host.Token(person.PasswordGrant(codes[0]))).AccessToken, codes);
    }

    /// <summary>Creates a one-time token, as if it had been sent to the address of a new user.</summary>
    private async Task<string> OneTimeToken(string use)
    {
        var person = await host.NewPerson();
        var (token, email) = ($"{Guid.NewGuid():N}", $"{person.Username}@EXAMPLE.ORG".ToUpperInvariant());

        // The e-mail that the activation requested would add another token.
        await Eventually.Holds(async () =>
            await host.Query<long>("select count(*) from identity.letters where account_id = $1", person.Id) == 0);
        var hash = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(Encoding.ASCII.GetBytes(token)));
        await host.Execute(
            $"""
            update identity.accounts set email = '{email}', normalized_email = '{email}' where id = '{person.Id}';
            insert into identity.one_time_tokens (token_hash, account_id, use, email, issued_at, expires_at, wrong)
            values ('{hash}', '{person.Id}', '{use}', '{email}', now(), now() + interval '1 hour', 0)
            """);
        return token;
    }

    /// <summary>Uploads an ECG and waits until it is processed.</summary>
    public async Task<(string Token, Guid Ecg)> NewProcessedEcg()
    {
        var token = await host.NewOwnerToken("ecgs:read ecgs:write");
        using var owner = host.Client(token);
        using var uploaded = await owner.Upload(EcgCalls.Body([.. Enumerable.Range(0, 1000)], samplingFrequency: 250));
        var ecg = Guid.Parse(uploaded.Headers.Location!.ToString().Split('/')[^1]);
        await owner.EndStatus(ecg);
        return (token, ecg);
    }

    private async Task<Guid> NewUser()
    {
        using var admin = await host.Superadmin();
        return (await admin.Register(TestUsers.NewName())).Id();
    }

    /// <summary>Parks a message whose handling has no effect.</summary>
    public async Task<Guid> ParkMessage(string module)
    {
        var id = Guid.CreateVersion7();
        await host.Execute(
            $$"""
            insert into {{module}}.parked (id, message_id, queue, type, body, attempts, last_error, created_at, next_attempt_at)
            values ('{{id}}', '{{id}}', '{{module}}-revoke-sessions', 'Idoven.Identity.Contracts.SessionsRevoked',
              '{"subject":"unknown","generation":1}', 5, 'none', now(), null)
            """);
        return id;
    }

    private async Task<string> Superadmin(string scope) => (await host.Token("superadmin", "superadmin-demo-password", scope)).AccessToken;
}
