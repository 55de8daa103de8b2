using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Messaging;

public sealed class LaterModuleTests(RunningParts parts)
{
    [Fact]
    public async Task What_a_module_says_before_anothers_first_start_waits_for_it()
    {
        var settings = await parts.OwnParts();

        // A host is ready once it knows whose tokens it takes: those of the Identity that another host has.
        var issuer = new Uri(parts.Host.Address, ".well-known/openid-configuration").AbsoluteUri;
        await using (var users = await RunningHost.Start(settings, ("Modules:Enabled", "Users"), ("Auth:MetadataAddress", issuer)))
        {
            // In Development the module registers the demo users, and says so.
            await Eventually.Holds(async () => await users.Query<long>("select count(*) from users.outbox where sent_at is not null") == 4);
            Assert.Equal(0L, await users.Query<long>("select count(*) from identity.accounts"));
        }

        // In Production Identity seeds nothing: every account it has came by message.
        await using var identity = await RunningHost.Start(settings, ("Modules:Enabled", "Identity"), ("environment", "Production"));

        await Eventually.Holds(async () => await identity.Query<long>("select count(*) from identity.accounts where user_version = 1") == 4);
        Assert.Equal(4L, await identity.Query<long>("select count(*) from identity.inbox"));
    }
}
