"""Another system that listens to Nexus: takes every event, notes each once, and prints it as a line of JSON.

    python examples/listener/listen.py amqp://guest:guest@127.0.0.1:5672/ 'entry.*' 'challenge.solved'

It needs pika alone, and stands for a search index, a chat bot, a data warehouse. README.md tells what it relies on.
"""

import argparse
import json
import sqlite3
import sys
import time
from collections.abc import Sequence
from typing import Any, Final

import pika
from pika.adapters.utils.connection_workflow import AMQPConnectorException
from pika.exceptions import AMQPError

SHORTEST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 5.0
AWAY: Final = (AMQPError, AMQPConnectorException, OSError)
INBOX: Final = """
    CREATE TABLE IF NOT EXISTS inbox (
        place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, subject TEXT NOT NULL, event TEXT NOT NULL
    )
"""


class Inbox:
    """What was taken, in a file: whoever is told of an event again finds it here, and does nothing."""

    def __init__(self, file: str) -> None:
        self._database = sqlite3.connect(file)
        self._database.execute(INBOX)

    def take(self, event: dict[str, Any]) -> bool:
        """Notes the event; whether it was new. What the event leads to belongs into the same transaction."""
        subject = f"{event['subject']['type']}:{event['subject']['id']}"
        with self._database:
            noted = self._database.execute(
                "INSERT INTO inbox (id, subject, event) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                (event["id"], subject, json.dumps(event)),
            )
        return noted.rowcount == 1


def listen(channel: Any, exchange: str, queue: str, patterns: Sequence[str], inbox: Inbox) -> None:
    """Takes what comes until the connection ends. Acknowledged is only what was noted."""
    channel.exchange_declare(exchange, exchange_type="topic", durable=True)
    channel.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"})
    for pattern in patterns:
        channel.queue_bind(queue, exchange, pattern)
    channel.basic_qos(prefetch_count=20)
    for method, _, body in channel.consume(queue):
        event = json.loads(body)
        if inbox.take(event):
            print(json.dumps(event), flush=True)  # noqa: T201 - this is what it is for
        channel.basic_ack(method.delivery_tag)


def main(arguments: Sequence[str]) -> None:
    """Listens for ever, and connects again with growing pauses when the broker goes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="amqp://user:password@host:port/")
    parser.add_argument("patterns", nargs="*", default=["#"], help="types of events, as in entry.*; all by default")
    parser.add_argument("--exchange", default="nexus.events", help="what Nexus publishes to")
    parser.add_argument("--queue", default="listener", help="this system's own queue")
    parser.add_argument("--inbox", default="inbox.sqlite3", help="where it notes what it took")
    options = parser.parse_args(arguments)
    inbox = Inbox(options.inbox)
    parameters = pika.URLParameters(options.url)
    parameters.heartbeat = 10
    pause = SHORTEST_PAUSE
    while True:
        try:
            with pika.BlockingConnection(parameters) as connection:
                pause = SHORTEST_PAUSE
                listen(connection.channel(), options.exchange, options.queue, options.patterns, inbox)
        except AWAY as error:
            print(f"the broker is away: {error or type(error).__name__}", file=sys.stderr, flush=True)  # noqa: T201
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(0)
