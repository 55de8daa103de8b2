// Prints every event of the service: dotnet run --project examples/csharp amqp://NAME:password@host:5672/
using System.Globalization;
using System.Text.Json;
using MassTransit;
using RabbitMQ.Client;
using Subscriber;

var address = new Uri(args[0]);
var queue = $"sub.{address.UserInfo.Split(':')[0]}.csharp";

// Bound explicitly: MassTransit would also declare the exchange, for which a subscriber has no permission.
await using (var connection = await new ConnectionFactory { Uri = address }.CreateConnectionAsync())
await using (var channel = await connection.CreateChannelAsync())
{
    await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false);
    await channel.QueueBindAsync(queue, "idoven.events", "ecg.#");
}

Console.WriteLine("listening");
var seen = new Queue<string>();
var last = 0L;
var bus = Bus.Factory.CreateUsingRabbitMq(rabbit =>
{
    rabbit.Host(address);
    rabbit.ReceiveEndpoint(queue, endpoint =>
    {
        endpoint.UseRawJsonDeserializer(RawSerializerOptions.AnyMessageType, isDefault: true);
        endpoint.ConfigureConsumeTopology = false;
        endpoint.ConcurrentMessageLimit = 1;
        endpoint.Handler<EcgEvent>(context =>
        {
            var (id, sequence, data) = context.Message;
            var number = long.Parse(sequence, CultureInfo.InvariantCulture);
            if (seen.Contains(id))
            {
                return Task.CompletedTask; // an event can be delivered twice, with the same id
            }

            if (last > 0 && number > last + 1)
            {
                Console.WriteLine($"missed {last + 1} to {number - 1}: GET /api/v1/events?after={last}");
            }

            Console.WriteLine($"{context.RoutingKey()} {number} {data}");
            seen.Enqueue(id);
            if (seen.Count > 1000)
            {
                seen.Dequeue();
            }

            last = Math.Max(last, number);
            return Task.CompletedTask;
        });
    });
});
await bus.StartAsync();
await Task.Delay(Timeout.Infinite);

namespace Subscriber
{
    /// <summary>Represents the members of an event that this program reads. Other members are ignored.</summary>
    internal sealed record EcgEvent(string Id, string Sequence, JsonElement Data);
}
