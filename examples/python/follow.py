"""Reads the insights of every ECG as soon as they are there:

    python3 follow.py amqp://NAME:password@host:5672/ http://host:8080 CLIENT SECRET

CLIENT may read everybody's insights, which is granted on the host: ./idoven client register NAME insights:read:any
"""
import json
import sys
import urllib.error
import urllib.parse
import urllib.request

import pika

broker, service, client, secret = sys.argv[1:]
access = None


def token():
    form = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret, "scope": "insights:read:any"}
    with urllib.request.urlopen(f"{service}/connect/token", urllib.parse.urlencode(form).encode()) as answer:
        return json.load(answer)["access_token"]


def read(url):
    global access
    access = access or token()
    try:
        request = urllib.request.Request(urllib.parse.urljoin(service, url), headers={"Authorization": f"Bearer {access}"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        if refused.code == 401:  # a token lives ten minutes
            access = None
            return read(url)
        if refused.code == 404:  # the ECG was deleted meanwhile
            return None
        raise


address = pika.URLParameters(broker)
queue = f"sub.{address.credentials.username}.follow"
channel = pika.BlockingConnection(address).channel()
channel.basic_qos(prefetch_count=10)
channel.queue_declare(queue, durable=True)
channel.queue_bind(queue, "idoven.events", routing_key="ecg.processed.v1")
print("listening", flush=True)
for method, properties, body in channel.consume(queue):
    data = json.loads(body)["data"]
    print(data["ecgId"], json.dumps(read(data["insightsUrl"])), flush=True)
    channel.basic_ack(method.delivery_tag)
