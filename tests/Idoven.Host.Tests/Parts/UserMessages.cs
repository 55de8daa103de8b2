namespace Idoven.Host.Tests.Parts;

/// <summary>Sends messages as the Users module does: late, early, twice or out of order.</summary>
internal static class UserMessages
{
    public static string Exchange(string message) => $"Idoven.Users.Contracts:{message}";

    /// <returns>The id of the message.</returns>
    public static async Task<Guid> Say(this WatchingQueue bus, string message, object body)
    {
        var id = Guid.CreateVersion7();
        var exchange = Exchange(message);
        await bus.Publish(exchange, new SeenMessage("", Envelope.Properties(id), Envelope.Create(id, exchange, body)));
        return id;
    }

    /// <summary>Sends a message and waits until the module has handled it.</summary>
    public static async Task Handled(this WatchingQueue bus, RunningHost host, string message, object body)
    {
        var id = await bus.Say(message, body);
        await Eventually.Holds(async () => await host.Query<long>("select count(*) from identity.inbox where message_id = $1", id) == 1);
    }
}
