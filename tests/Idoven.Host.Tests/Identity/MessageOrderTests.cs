using System.Net;
using System.Security.Cryptography;
using System.Text;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Identity;

/// <summary>Tests that Users and Identity reach the same state in whatever order their messages arrive.</summary>
public sealed class MessageOrderTests(RunningParts parts)
{
    [Fact]
    public async Task Change_that_arrives_late_does_not_undo_a_newer_one()
    {
        var (user, name) = (Guid.CreateVersion7(), TestUsers.NewName());
        await using var bus = await Bus();
        await bus.Handled(parts.Host, "UserRegistered", Registered(user, name));

        await bus.Handled(
            parts.Host, "UserChanged", new { userId = user, version = 3, username = name, email = "new@example.org", enabled = false });
        await bus.Handled(
            parts.Host, "UserChanged", new { userId = user, version = 2, username = name, email = "old@example.org", enabled = true });

        Assert.Equal(1L, await parts.Host.Query<long>(
            "select count(*) from identity.accounts where id = $1 and email = 'new@example.org' and not is_enabled and generation = 1 "
                + "and user_version = 3", user));
    }

    [Fact]
    public async Task User_disabled_and_enabled_again_is_signed_out_in_any_order_of_messages()
    {
        var person = await parts.Host.NewPerson();
        var tokens = await parts.Host.Token(person);
        using var signedIn = parts.Host.Client(tokens.AccessToken);
        await using var bus = await Bus();
        var version = await parts.Host.Query<long>("select user_version from identity.accounts where id = $1", person.Id);

        await Change(3, enabled: true, timesDisabled: 1);
        await Change(2, enabled: false, timesDisabled: 1);

        Assert.Equal(
            "invalid_grant",
            await parts.Host.TokenError(
                new() { ["grant_type"] = "refresh_token", ["client_id"] = "idoven-cli", ["refresh_token"] = tokens.RefreshToken! }));
        await Eventually.Holds(async () => (await signedIn.GetAsync(EcgCalls.Route)).StatusCode == HttpStatusCode.Unauthorized);

        // The message ends earlier sessions once: a user who signs in afterwards stays signed in, even if
        // a sender without versions repeats it.
        var renewed = await parts.Host.Token(person);
        await Change(4, enabled: true, timesDisabled: 1);
        await Change(5, enabled: true, timesDisabled: null);
        Assert.Null(
            await parts.Host.TokenError(
                new() { ["grant_type"] = "refresh_token", ["client_id"] = "idoven-cli", ["refresh_token"] = renewed.RefreshToken! }));
        Assert.Equal(
            1L,
            await parts.Host.Query<long>(
                "select count(*) from identity.audit where action = 'account.disable' and target = $1", $"{person.Id}"));

        Task Change(int after, bool enabled, int? timesDisabled) =>
            bus.Handled(
                parts.Host,
                "UserChanged",
                new { userId = person.Id, version = version + after, username = person.Username, enabled, timesDisabled });
    }

    [Fact]
    public async Task Change_that_arrives_before_its_registration_is_applied_after_it()
    {
        var (user, name) = (Guid.CreateVersion7(), TestUsers.NewName());
        await using var bus = await Bus();

        var change = await bus.Say("UserChanged", new { userId = user, version = 2, username = name, enabled = false });
        await Eventually.Holds(
            async () => await parts.Host.Query<long>("select count(*) from identity.parked where message_id = $1", change) == 1);
        await bus.Handled(parts.Host, "UserRegistered", Registered(user, name));

        await Eventually.Holds(
            async () => await parts.Host.Query<long>("select count(*) from identity.accounts where id = $1 and not is_enabled", user) == 1,
            within: TimeSpan.FromSeconds(40));
        await Eventually.Holds(
            async () => await parts.Host.Query<long>("select count(*) from identity.parked where message_id = $1", change) == 0);
    }

    [Fact]
    public async Task Registration_that_arrives_after_the_deletion_creates_no_account()
    {
        var (user, name) = (Guid.CreateVersion7(), TestUsers.NewName());
        await using var bus = await Bus();

        await bus.Handled(parts.Host, "UserDeleted", new { userId = user, version = 2 });
        await bus.Handled(parts.Host, "UserRegistered", Registered(user, name, "token of a deleted user"));
        await bus.Handled(
            parts.Host,
            "ActivationIssued",
            new { userId = user, version = 3, activationTokenHash = Hash("another"), activationExpiresAt = Tomorrow });
        await bus.Handled(parts.Host, "UserChanged", new { userId = user, version = 4, username = name, enabled = true });
        await bus.Handled(parts.Host, "UserDeleted", new { userId = user, version = 2 });

        Assert.Equal(0L, await parts.Host.Query<long>("select count(*) from identity.accounts where id = $1", user));
        Assert.Equal(0L, await parts.Host.Query<long>("select count(*) from identity.one_time_tokens where account_id = $1", user));
        Assert.Equal(
            1L, await parts.Host.Query<long>("select count(*) from identity.outbox where type like '%OwnerErased' and key = $1", user));
        Assert.Equal("/token", await parts.Host.Activate("token of a deleted user").Pointer());
    }

    [Fact]
    public async Task Registration_of_a_reused_name_is_applied_after_the_deletion_of_the_old_account()
    {
        var (old, user, name) = (Guid.CreateVersion7(), Guid.CreateVersion7(), TestUsers.NewName());
        await using var bus = await Bus();
        await bus.Handled(parts.Host, "UserRegistered", Registered(old, name));

        var again = await bus.Say("UserRegistered", Registered(user, name, $"token of {user}"));
        await Eventually.Holds(
            async () => await parts.Host.Query<long>("select count(*) from identity.parked where message_id = $1", again) == 1);
        Assert.Equal(0L, await parts.Host.Query<long>("select count(*) from identity.accounts where id = $1", user));
        await bus.Handled(parts.Host, "UserDeleted", new { userId = old, version = 2 });

        await Eventually.Holds(
            async () =>
                await parts.Host.Query<long>("select count(*) from identity.accounts where id = "
                    + "$1", user) == 1, within: TimeSpan.FromSeconds(40));
        Assert.Equal(HttpStatusCode.NoContent, (await parts.Host.Activate($"token of {user}")).StatusCode);
    }

    [Fact]
    public async Task Activation_with_a_token_waits_for_its_account_to_arrive()
    {
        var (user, name) = (Guid.CreateVersion7(), TestUsers.NewName());
        await using var bus = await Bus();
        await bus.Handled(
            parts.Host,
            "ActivationIssued",
            new { userId = user, version = 2, activationTokenHash = Hash($"second of {user}"), activationExpiresAt = Tomorrow });

        var activating = parts.Host.Activate($"second of {user}");
        await bus.Handled(parts.Host, "UserRegistered", Registered(user, name, $"first of {user}"));

        Assert.Equal(HttpStatusCode.NoContent, (await activating).StatusCode);
        Assert.Equal("/token", await parts.Host.Activate($"first of {user}").Pointer());
    }

    private static DateTimeOffset Tomorrow => TimeProvider.System.GetUtcNow().AddDays(1);

    private Task<WatchingQueue> Bus() => WatchingQueue.Bind(parts.Broker.Uri, UserMessages.Exchange("UserDeleted"));

    private static object Registered(Guid user, string name, string? token = null) => new
    {
        userId = user,
        version = 1,
        username = name,
        role = "user",
        activationTokenHash = token is null ? null : Hash(token),
        activationExpiresAt = token is null ? null : (DateTimeOffset?)Tomorrow,
    };

    private static string Hash(string token) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
