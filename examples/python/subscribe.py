"""Prints every event of the service: python3 subscribe.py amqp://user:password@host:5672/  (needs pika: apt-get install python3-pika)"""
import json
import sys

import pika

channel = pika.BlockingConnection(pika.URLParameters(sys.argv[1])).channel()
queue = channel.queue_declare("", exclusive=True).method.queue
channel.queue_bind(queue, "idoven.events", routing_key="ecg.#")
print("listening")
for method, properties, body in channel.consume(queue):
    event = json.loads(body)
    print(method.routing_key, event["sequence"], json.dumps(event["data"]))
    channel.basic_ack(method.delivery_tag)
