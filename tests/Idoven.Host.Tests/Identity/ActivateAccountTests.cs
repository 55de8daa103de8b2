using System.Diagnostics;
using System.Net;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Identity;

public sealed class ActivateAccountTests(RunningParts parts)
{
    [Fact]
    public async Task Activation_token_sets_a_password_once()
    {
        using var admin = await parts.Host.Admin();
        var username = TestUsers.NewName();
        var registered = await parts.Host.RegisterKnown(admin, username);

        Assert.Equal(HttpStatusCode.NoContent, (await parts.Host.Activate(registered.Token())).StatusCode);

        await (await parts.Host.Activate(registered.Token(), "another password of mine")).Problem(HttpStatusCode.BadRequest);
        Assert.NotNull((await parts.Host.Token(username, TestUser.Password, "ecgs:read")).AccessToken);
        await Assert.ThrowsAsync<InvalidOperationException>(() => parts.Host.Token(username, "another password of mine", "ecgs:read"));
    }

    [Fact]
    public async Task Only_one_of_two_concurrent_activations_succeeds()
    {
        using var admin = await parts.Host.Admin();
        var registered = await parts.Host.RegisterKnown(admin, TestUsers.NewName());

        var responses = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(i => parts.Host.Activate(registered.Token(), $"{TestUser.Password} {i}")));

        Assert.Single(responses, response => response.StatusCode == HttpStatusCode.NoContent);
        Assert.Equal(3, responses.Count(response => response.StatusCode == HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task Invalid_password_is_rejected_with_the_rule_and_the_token_stays_valid()
    {
        using var admin = await parts.Host.Admin();
        var username = TestUsers.NewName();
        var registered = await parts.Host.RegisterKnown(admin, username);

        foreach (var password in new[] { "", "seven c", "password1234", new string('a', 257), username, username.ToUpperInvariant() })
        {
            Assert.Equal("/password", await parts.Host.Activate(registered.Token(), password).Pointer());
        }

        Assert.Equal(HttpStatusCode.NoContent, (await parts.Host.Activate(registered.Token(), "8 chars!")).StatusCode);
    }

    [Fact]
    public async Task Unknown_activation_token_is_rejected_after_two_seconds()
    {
        var since = Stopwatch.GetTimestamp();

        Assert.Equal("/token", await parts.Host.Activate("unknown").Pointer());

        Assert.InRange(Stopwatch.GetElapsedTime(since), TimeSpan.FromSeconds(1.9), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Expired_or_replaced_activation_token_is_rejected()
    {
        using var admin = await parts.Host.Admin();
        var registered = await parts.Host.RegisterKnown(admin, TestUsers.NewName());
        using var again = await admin.PostAsync($"{TestUsers.Route}/{registered.Id()}/activation", null);
        Assert.Equal(HttpStatusCode.Created, again.StatusCode);
        var second = System.Text.Json.JsonElement.Parse(await again.Content.ReadAsStringAsync()).GetProperty("token").GetString()!;
        await Eventually.Holds(
            async () =>
                await parts.Host.Query<long>("select count(*) from identity.one_time_tokens where account_id = $1 "
                    + "and version = 2", registered.Id()) == 1);

        Assert.Equal("/token", await parts.Host.Activate(registered.Token()).Pointer());
        await parts.Host.Execute($"update identity.one_time_tokens set expires_at = now() where account_id = '{registered.Id()}'");
        Assert.Equal("/token", await parts.Host.Activate(second).Pointer());
    }

    [Fact]
    public async Task Activation_token_stays_valid_if_the_email_address_changes()
    {
        using var admin = await parts.Host.Admin();
        var (username, email) = (TestUsers.NewName(), EmailCalls.NewAddress());
        var registered = await parts.Host.RegisterKnown(admin, username, email: EmailCalls.NewAddress());
        await using var bus = await WatchingQueue.Bind(parts.Broker.Uri, UserMessages.Exchange("UserChanged"));
        await bus.Handled(
            parts.Host, "UserChanged", new { userId = registered.Id(), version = 2, username, email, enabled = true, timesDisabled = 0 });
        Assert.Equal(
            email, await parts.Host.Query<string>("select email from identity.accounts where id = $1", registered.Id()));

        Assert.Equal(HttpStatusCode.NoContent, (await parts.Host.Activate(registered.Token())).StatusCode);
    }

    [Theory]
    [InlineData("""{"token":"a"}""", "/password")]
    [InlineData("""{"token":"a","password":"b","role":"admin"}""", "/role")]
    [InlineData("""{"token":17,"password":"b"}""", "/token")]
    public async Task A_bad_body_gets_400_with_the_pointer(string body, string pointer) =>
        Assert.Equal(pointer, await parts.Host.Anonymous.PostAsync("/account/activate", TestUsers.Json(body)).Pointer());

    [Fact]
    public async Task No_table_or_message_contains_an_activation_token_or_password()
    {
        using var admin = await parts.Host.Admin();
        var registered = await parts.Host.RegisterKnown(admin, TestUsers.NewName());
        const string password = "a password that is searched for";
        Assert.Equal(HttpStatusCode.NoContent, (await parts.Host.Activate(registered.Token(), password)).StatusCode);

        foreach (var module in new[] { "users", "identity" })
        {
            Assert.Equal(0L, await parts.Host.Query<long>(
                $"select count(*) from {module}.outbox where body::text like '%' || $1 || '%' "
                    + "or body::text like '%' || $2 || '%'", registered.Token(), password));
        }

        Assert.Equal(
            0L, await parts.Host.Query<long>("select count(*) from identity.one_time_tokens where token_hash = $1", registered.Token()));
    }
}
