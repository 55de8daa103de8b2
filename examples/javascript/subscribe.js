// Prints every event of the service: npm ci && node subscribe.js amqp://NAME:password@host:5672/
import amqp from "amqplib";

const address = process.argv[2];
const queue = `sub.${new URL(address).username}.javascript`;
const channel = await (await amqp.connect(address)).createChannel();
await channel.assertQueue(queue, { durable: true }); // keeps events while this program is not running
await channel.bindQueue(queue, "idoven.events", "ecg.#");
console.log("listening");
const seen = [];
let last = 0;
await channel.consume(queue, (message) => {
  const event = JSON.parse(message.content);
  if (!seen.includes(event.id)) { // an event can be delivered twice, with the same id
    const number = Number(event.sequence);
    if (last > 0 && number > last + 1) console.log(`missed ${last + 1} to ${number - 1}: GET /api/v1/events?after=${last}`);
    console.log(message.fields.routingKey, number, JSON.stringify(event.data));
    if (seen.push(event.id) > 1000) seen.shift();
    last = Math.max(last, number);
  }
  channel.ack(message);
});
