using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Idoven.Host.Tests.Parts;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Idoven.Host.Tests.Contract;

/// <summary>Every status that the OpenAPI document lists for an operation is returned, with the documented body and headers.</summary>
[Trait("Hosts", "one")]
public sealed class EveryStatusTests(RunningParts parts)
{
    private const string Unknown = "01900000-0000-7000-8000-0000000000ff";
    private const string Key = "Idempotency-Key";

    /// <summary>
    /// Tests the whole document on its own database and broker; the database becomes unavailable at the end. No response is
    /// written while its request holds a connection to the database, because a slow client would then hold it too. Every
    /// request comes from a page of another origin, which can read the responses below /api with all their headers, and no
    /// others.
    /// </summary>
    [Fact]
    [Trait(LimitedResourceTests.Trait, "connections to the database")]
    public async Task Every_documented_status_is_returned_as_documented()
    {
        var settings = await parts.OwnParts();
        using var held = new HeldConnections(settings);
        await using var host = await RunningHost.Start(settings, builder =>
        {
            held.Watch(builder);
            AnotherOrigin.Send(builder);
        });
        await using var narrow = await RunningHost.Start(settings, AnotherOrigin.Send, ("Ecgs:MaxBodyBytes", "1024"));
        await using var hasty = await RunningHost.Start(
            settings, AnotherOrigin.Send, ("RateLimits:Burst", "1"), ("RateLimits:PerSecond", "1"), ("EmailBounds:RecoveriesPerHour", "1"));
        var clock = new ImpatientClock(SlowBody.PaceWindow);
        await using var impatient = await RunningHost.Start(settings, builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(clock);
            AnotherOrigin.Send(builder);
        });
        var contract = await ApiContract.Read(host);
        var broken = new List<string>();
        foreach (var operation in contract.Operations)
        {
            foreach (var status in operation.Statuses.Where(status => status != "503"))
            {
                await Check(operation, status, () => SendRequestFor(host, operation, status, narrow, hasty, (impatient, clock)), host);
            }
        }

        Assert.True(held.Writes > 1000, $"only {held.Writes} writes were watched");
        Assert.True(held.Found.IsEmpty, $"connections are held while the response is written:\n{string.Join('\n', held.Found.Distinct())}");

        // The samples are created first, while the database can still handle the messages that they cause.
        var address = new NpgsqlConnectionStringBuilder(settings.Admin);
        using var wall = new TcpProxy(address.Host!, address.Port);
        (address.Host, address.Port) = ("127.0.0.1", wall.Port);
        await using var cut = await RunningHost.Start(settings with { Admin = address.ConnectionString }, AnotherOrigin.Send);
        var samples = new List<Sample>();
        foreach (var operation in contract.Operations)
        {
            Assert.Contains("503", operation.Statuses);
            samples.Add(await new Samples(host).Create(operation));
        }

        wall.Close();
        foreach (var sample in samples)
        {
            await Check(sample.Operation, "503", () => sample.Send(cut), host);
        }

        Assert.True(broken.Count == 0, string.Join('\n', broken));

        async Task Check(Operation operation, string status, Func<Task<HttpResponseMessage>> reach, RunningHost pages)
        {
            try
            {
                using var response = await reach();
                var errors = await contract.Differences(operation, status, response, pages);
                broken.AddRange(
                    errors.Concat(CrossOriginTests.Faults(operation.Path, response)).Select(error => $"{operation.Id} {status}: {error}"));
            }
            catch (Exception e)
            {
                broken.Add($"{operation.Id} {status}: {e.Message}");
            }
        }
    }

    [Fact]
    public async Task Documented_status_without_a_request_that_returns_it_is_reported()
    {
        var contract = await ApiContract.Read(parts.Host);
        var operation = contract.Operations.Single(operation => operation.Id == "GetEcg");

        var error = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() =>
            SendRequestFor(parts.Host, operation, "418", parts.Host, parts.Host, (parts.Host, new(SlowBody.PaceWindow))));

        Assert.Contains("GetEcg 418", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_operation_checks_token_then_scope_then_id_and_malformed_ids_return_404()
    {
        var contract = await ApiContract.Read(parts.Host);
        var samples = new Samples(parts.Host);
        var wrong = new List<string>();
        foreach (var operation in contract.Operations.Where(operation => operation.Scope is not null))
        {
            var (right, other) = (await samples.Token(operation), await samples.WrongToken(operation));
            foreach (var id in new[] { "no-id", "00000000-0000-0000-0000-000000000000", Unknown })
            {
                // Everything is wrong with this request: only the first error is reported.
                var sample = new Sample(
                    operation, null, operation.Path.Replace("{id}", id, StringComparison.Ordinal),
                    operation.Body?.ToJsonString()).With("If-Match", "\"999\"");
                await Expect(sample, 401);
                await Expect(sample with { Token = other }, 403);
                if (operation.Path.Contains("{id}", StringComparison.Ordinal))
                {
                    await Expect(sample with { Token = right }, 404);
                    await Expect(sample with { Token = right, Headers = new Dictionary<string, string>() }, 404);
                }
            }

            async Task Expect(Sample sample, int status)
            {
                using var response = await sample.Send(parts.Host);
                if ((int)response.StatusCode != status)
                {
                    wrong.Add($"{operation.Id} at {sample.Address}: {(int)response.StatusCode} instead of {status}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task Unknown_member_of_a_body_returns_400_with_its_pointer()
    {
        var contract = await ApiContract.Read(parts.Host);
        var samples = new Samples(parts.Host);
        var bodies = contract.Operations.Where(operation => operation.Body is not null).ToList();
        var wrong = new List<string>();
        foreach (var operation in bodies)
        {
            var sample = await samples.Create(operation);
            foreach (var member in new[] { "role", "owner", "ownerId", "status", "version", "id", "nothing" }
                .Where(member => operation.Body![member] is null))
            {
                var body = JsonNode.Parse(sample.Body!)!.AsObject();
                body[member] = "1";
                using var response = await (sample with { Body = body.ToJsonString() }).Send(parts.Host);
                var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
                if ((int)response.StatusCode != 400 || problem.GetProperty("errors")[0].GetProperty("pointer").GetString() != $"/{member}")
                {
                    wrong.Add($"{operation.Id}: {member}: {problem}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Equal(
            [
                "ActivateAccount", "AskForRecovery", "BeginSecondFactor", "ChangeClient", "ChangePassword", "ChangeUser",
                "ConfirmSecondFactor", "EnrolClient", "Recover", "RecoverWithCode",
                "RegisterClient", "RegisterUser", "ReplaceRecoveryCodes", "SubmitEcg", "TurnSecondFactorOff", "VerifyEmail",
            ],
            bodies.Select(operation => operation.Id).Order());
    }

    [Fact]
    public async Task Malformed_cursor_and_cursor_of_another_list_return_400()
    {
        var contract = await ApiContract.Read(parts.Host);
        var lists = contract.Operations.Where(operation => operation.Takes("cursor")).ToList();
        foreach (var list in lists)
        {
            var sample = await new Samples(parts.Host).Create(list);
            foreach (var cursor in new[]
            {
                "", "x", global::Idoven.Shared.Web.Cursor.Write(Guid.CreateVersion7(), "another list"), new string('A', 32),
            })
            {
                using var response = await (sample with { Address = $"{sample.Address}?cursor={cursor}" }).Send(parts.Host);
                await response.Problem(System.Net.HttpStatusCode.BadRequest);
            }
        }

        Assert.Equal(
            [
                "ListClients", "ListEcgAccesses", "ListEcgs", "ListUsers", "ReadAccountAudit", "ReadClientsAudit", "ReadMyAudit",
                "ReadOwnClientAudit", "ReadUsersAudit",
            ],
            lists.Select(list => list.Id).Order());
    }

    /// <summary>Sends a request that returns this status of this operation.</summary>
    private static async Task<HttpResponseMessage> SendRequestFor(
        RunningHost host, Operation operation, string status, RunningHost narrow, RunningHost hasty,
        (RunningHost Host, ImpatientClock Clock) impatient)
    {
        var samples = new Samples(host);
        switch (operation.Id, status)
        {
            case ("SubmitEcg", "201"):
                return await (await samples.Create(operation)).With("Prefer", "wait=30").Send(host);
            case ("GetInsights" or "GetBeats", "202"):
                return await AfterAnalysis("status = 'queued', processed_at = null");
            case ("GetInsights" or "GetBeats", "409"):
                return await AfterAnalysis("status = 'failed', failure_reason = 'analysis-failed'");
            case (_, "200" or "201" or "202" or "204"):
                return await (await samples.Create(operation)).Send(host);
            case (_, "304"):
                var read = await samples.Create(operation);
                using (var first = await read.Send(host))
                {
                    return await read.With("If-None-Match", first.Headers.ETag!.ToString()).Send(host);
                }

            case (_, "400"):
                var bad = new Sample(
                    operation, operation.Scope is null ? null : await samples.Token(operation), operation.Path,
                    operation.Body is null ? null : """{"nothing":1}""");
                return operation switch
                {
                    { Id: "GetSignal" or "GetBeats" } when await samples.Create(operation) is var signal =>
                        await (signal with { Address = $"{signal.Address.Split('?')[0]}?lead=none" }).Send(host),
                    _ when operation.Takes(Key) && operation.Body is null =>
                        await (await samples.Create(operation)).With(Key, "two words").Send(host),
                    _ => await (operation.Body is null ? bad with { Address = $"{operation.Path}?limit=x" } : bad).Send(host),
                };
            case (_, "401"):
                return await new Sample(operation, null, operation.Path).Send(host);
            case (_, "403"):
                return await new Sample(operation, await samples.WrongToken(operation), operation.Path).Send(host);
            case ("GetMe", "404"):
                var gone = await samples.Create(operation);
                await host.Execute(
                    $"delete from users.users where id = '{new Microsoft.IdentityModel.JsonWebTokens.JsonWebToken(gone.Token).Subject}'");
                return await gone.Send(host);
            case ("RegisterUser" or "RegisterClient" or "SubmitEcg", "404"):
                var made = (await samples.Create(operation)).With(Key, $"{Guid.NewGuid()}");
                using (var first = await made.Send(host))
                {
                    using var owner = host.Client(made.Token);
                    await owner.DeleteAsync(first.Headers.Location);
                }

                return await made.Send(host);
            case (_, "404"):
                return await new Sample(
                    operation, await samples.Token(operation), operation.Path.Replace("{id}", Unknown, StringComparison.Ordinal),
                    operation.Body?.ToJsonString())
                    .With("If-Match", "*").Send(host);
            case ("GetSignal" or "GetBeats", "406"):
                return await (await samples.Create(operation)).With("Accept", "image/png").Send(host);
            case ("RegisterUser", "409"):
                var twice = await samples.Create(operation);
                (await twice.Send(host)).Dispose();
                return await twice.Send(host);
            case ("ChangeUser", "409"):
                var person = await host.NewPerson();
                var taken = (await host.NewPerson()).Username;
                return await new Sample(
                    operation, (await host.Token(person)).AccessToken, $"{TestUsers.Route}/{person.Id}", $$"""{"username":"{{taken}}"}""")
                    .With("If-Match", "*").Send(host);
            case ("BeginSecondFactor", "409"):
                return await ((await samples.Create(operation)) with { Token = (await samples.WithSecondFactor()).Token }).Send(host);
            case ("TurnSecondFactorOff", "409"):
                return await (
                    (await samples.Create(operation)) with { Token = (await host.Token(await host.NewPerson())).AccessToken }).Send(host);
            case ("DeleteUser", "409"):
                return await new Sample(
                    operation, await samples.Token(operation),
                    $"{TestUsers.Route}/{await host.Query<Guid>("select id from users.users where username = 'superadmin'")}").Send(host);
            case ("IssueActivation", "409"):
                return await new Sample(
                    operation, await samples.Token(operation),
                    $"{TestUsers.Route}/{await host.Query<Guid>("select id from users.users where username = 'user2'")}/activation")
                    .Send(host);
            case ("IssueEnrolment", "409"):
                using (var admin = await host.Superadmin())
                {
                    var enrolled = await admin.NewClient("ecgs:read");
                    return await new Sample(
                        operation, await samples.Token(operation),
                        operation.Path.Replace("{id}", enrolled.Id, StringComparison.Ordinal)).Send(host);
                }

            case ("ReadEvents", "410"):
                await host.Execute("delete from ecgs.outbox where sequence = 1");
                return await new Sample(operation, await samples.Token(operation), $"{operation.Path}?after=0").Send(host);
            case ("ChangeUser" or "ChangeClient", "412"):
                return await (await samples.Create(operation)).With("If-Match", "\"999\"").Send(host);
            case ("ChangeUser" or "ChangeClient", "428"):
                return await ((await samples.Create(operation)) with { Headers = new Dictionary<string, string>() }).Send(host);
            case ("SubmitEcg", "413"):
                return await ((await samples.Create(operation)) with { Body = $"{operation.Body}{new string(' ', 2000)}" }).Send(narrow);
            case ("SubmitEcg", "408"):
                impatient.Clock.IsImpatient = true;
                var tooSlow = await StalledUpload.Send(impatient.Host.Ecgs, await samples.Token(operation), operation.Body!.ToJsonString());
                impatient.Clock.IsImpatient = false;
                return tooSlow;
            case (_, "413"):
                return await ((await samples.Create(operation)) with { Body = $$"""{"name":"{{new string('a', 70_000)}}"}""" })
                    .With(Key, "k").Send(host);
            case (_, "415"):
                return await ((await samples.Create(operation)) with { ContentType = "text/plain" }).Send(host);
            case (_, "422"):
                var keyed = (await samples.Create(operation)).With(Key, $"{Guid.NewGuid()}");
                (await keyed.Send(host)).Dispose();
                return await (keyed with { Body = $"{keyed.Body} " }).Send(host);
            case (not "AskForRecovery", "429") when operation.Scope is null:
                using (await UnfinishedBodies.Begin(hasty.Address, IPAddress.Loopback))
                {
                    return await Eventually.Finds(async () =>
                    {
                        var rejected = await (await samples.Create(operation)).Send(hasty);
                        if (rejected.StatusCode == HttpStatusCode.TooManyRequests)
                        {
                            return rejected;
                        }

                        rejected.Dispose();
                        return null;
                    });
                }

            case (_, "429"):
                var sample = await samples.Create(operation);
                var response = await sample.Send(hasty);
                for (var again = 0; again < 10 && (int)response.StatusCode != 429; again++)
                {
                    response.Dispose();
                    response = await sample.Send(hasty);
                }

                return response;
            default:
                throw new ArgumentOutOfRangeException(nameof(status), $"{operation.Id} {status}: add a request that returns it");
        }

        async Task<HttpResponseMessage> AfterAnalysis(string set)
        {
            var (token, ecg) = await samples.NewProcessedEcg();
            await host.Execute($"delete from ecgs.insight_sets where ecg_id = '{ecg}'; update ecgs.ecgs set {set} where id = '{ecg}'");
            return await new Sample(operation, token, operation.Path.Replace("{id}", $"{ecg}", StringComparison.Ordinal)).Send(host);
        }
    }
}
