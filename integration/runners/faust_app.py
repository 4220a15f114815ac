"""The Faust app: made by a function, one agent, no tables, nothing sent. Faust brings fetches and spreads partitions.

The agent hands each fetch to the hall, which has it processed by the same services as the embedded runner and
acknowledges it after the commit. What Faust believes about offsets decides nothing (`faust_transport`).
"""

from typing import Any, Final, Protocol

import faust
from faust.app import BootStrategy
from faust.types import EventT

from connectors.kafka.config import Kafka
from connectors.kafka.plans import Topic
from integration.runners.faust_transport import Fetched, Ledger, Transport

WAITING_FETCHES: Final = 8
"""Fetches that may wait for the agent, of all partitions together. Each holds up to `kafka.batch_events` records."""


class Hall(Ledger, Protocol):
    """Where fetches are handed over to be processed."""

    async def hand_over(self, event: EventT[Fetched]) -> None:
        """Take one fetch; returns when there is room for the next. Never raises."""
        ...

    async def revoked(self) -> None:
        """Let all partitions go."""
        ...


class _AsFetched(faust.Schema[Any, Any]):
    """Nothing is decoded by Faust: what it cannot decode it would skip and commit."""

    def loads_key(self, app: Any, message: Any, *, loads: Any = None, serializer: Any = None) -> Any:  # noqa: ARG002
        return message.key

    def loads_value(self, app: Any, message: Any, *, loads: Any = None, serializer: Any = None) -> Any:  # noqa: ARG002
        return message.value


class _ConsumerOnly(BootStrategy):
    """Neither Faust's producer (the outbox is the sequencer's) nor its web server (it has every table to show)."""

    enable_kafka_producer = False
    enable_web = False


class WorkerApp(faust.App):
    """A Faust app that keeps nothing on disk and asks its hall where to begin."""

    ledger: Ledger
    kafka: Kafka
    BootStrategy = _ConsumerOnly

    def _create_directories(self) -> None:
        """Make none: there are no tables."""


def make_app(kafka: Kafka, hall: Hall) -> WorkerApp:
    """Return an app that reads the events topic and hands everything to the hall.

    Args:
        kafka: brokers, topics and group.
        hall: processes what is fetched, and knows how far that is.
    """
    app = WorkerApp(
        kafka.group_id,
        broker=[f"kafka://{server}" for server in kafka.servers],
        autodiscover=False,
        broker_session_timeout=kafka.session_timeout_seconds,
        # Here, not with the topic: the library drops what `app.topic` is told of it, and 4,096 fetches would wait.
        stream_buffer_maxsize=WAITING_FETCHES,
        stream_wait_empty=False,
        table_standby_replicas=0,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
    )
    app.ledger = hall
    app.kafka = kafka
    app.transport = Transport(app.conf.broker_consumer, app)
    topic = app.topic(kafka.topic(Topic.EVENTS), schema=_AsFetched())

    @app.agent(topic, concurrency=1)
    async def events(stream: Any) -> None:
        async for event in stream.noack().events():
            await hall.hand_over(event)

    async def revoked(*_arguments: Any, **_options: Any) -> None:
        await hall.revoked()

    app.on_partitions_revoked.connect(revoked)
    return app
