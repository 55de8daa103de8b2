"""Reads the insights of every ECG as soon as they are available:

    python3 follow.py amqp://NAME:password@host:5672/ http://host:8080 CLIENT SECRET

CLIENT needs the scope insights:read:any, which an operator grants: ./idoven client register NAME insights:read:any
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
    with urllib.request.urlopen(f"{service}/connect/token", urllib.parse.urlencode(form).encode()) as response:
        return json.load(response)["access_token"]


def read(url):
    global access
    access = access or token()
    try:
        request = urllib.request.Request(urllib.parse.urljoin(service, url), headers={"Authorization": f"Bearer {access}"})
        with urllib.request.urlopen(request) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        if error.code == 401:  # a token expires after ten minutes
            access = None
            return read(url)
        if error.code == 404:  # the ECG has been deleted since
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
