using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Messaging;

public sealed class LaterModuleTests(RunningParts parts)
{
    [Fact]
    public async Task Messages_to_a_module_wait_for_its_first_start()
    {
        var settings = await parts.OwnUnusedParts();

        // A host is ready when it knows the issuer of its tokens: here Identity on another host.
        var issuer = new Uri(parts.Host.Address, ".well-known/openid-configuration").AbsoluteUri;
        await using (var users = await RunningHost.Start(settings, ("Modules:Enabled", "Users"), ("Auth:MetadataAddress", issuer)))
        {
            // In Development the module registers the demo users and publishes messages about them.
            await Eventually.Holds(async () => await users.Query<long>("select count(*) from users.outbox where sent_at is not null") == 4);
            Assert.Equal(0L, await users.Query<long>("select count(*) from identity.accounts"));
        }

        // In Production Identity creates no demo accounts, so all accounts are created by messages.
        await using var identity = await RunningHost.Start(settings, ("Modules:Enabled", "Identity"), ("environment", "Production"));

        await Eventually.Holds(async () =>
            await identity.Query<long>("select count(*) from identity.accounts where user_version = 1") == 4);
        Assert.Equal(4L, await identity.Query<long>("select count(*) from identity.inbox"));
    }
}
