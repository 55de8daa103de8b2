"""Prints every event of the service: python3 subscribe.py amqp://NAME:password@host:5672/  (needs pika: apt-get install python3-pika)"""
import collections
import json
import sys

import pika

address = pika.URLParameters(sys.argv[1])
queue = f"sub.{address.credentials.username}.python"
channel = pika.BlockingConnection(address).channel()
channel.queue_declare(queue, durable=True)  # keeps events while this program is not running
channel.queue_bind(queue, "idoven.events", routing_key="ecg.#")
print("listening", flush=True)
seen, last = collections.deque(maxlen=1000), 0
for method, properties, body in channel.consume(queue):
    event = json.loads(body)
    if event["id"] not in seen:  # an event can be delivered twice, with the same id
        number = int(event["sequence"])
        if 0 < last < number - 1:
            print(f"missed {last + 1} to {number - 1}: GET /api/v1/events?after={last}")
        print(method.routing_key, number, json.dumps(event["data"]), flush=True)
        seen.append(event["id"])
        last = max(last, number)
    channel.basic_ack(method.delivery_tag)
