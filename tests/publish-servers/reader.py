"""A consumer in another language: prints each message of an exchange as a line of JSON.

    reader.py URL EXCHANGE
"""

import json
import sys

import pika
from cloudevents.core.formats.json import JSONFormat


def line(body):
    event = JSONFormat().read(None, body)
    data = event.get_data()
    return {
        "id": event.get_id(),
        "source": event.get_source(),
        "type": event.get_type(),
        "subject": event.get_subject(),
        "time": event.get_time().isoformat() if event.get_time() else None,
        "tenant": event.get_extension("wecomtenant"),
        "receive_id": event.get_extension("wecomreceiveid"),
        "datacontenttype": event.get_datacontenttype(),
        "data": data.hex() if isinstance(data, bytes) else data,
    }


def main():
    url, exchange = sys.argv[1:]
    channel = pika.BlockingConnection(pika.URLParameters(url)).channel()
    # A queue of our own, beside that of the consumers in Rust.
    queue = channel.queue_declare("", exclusive=True).method.queue
    channel.queue_bind(queue, exchange, "#")
    print("ready", flush=True)
    for method, _, body in channel.consume(queue):
        print(json.dumps(line(body)), flush=True)
        channel.basic_ack(method.delivery_tag)


main()
