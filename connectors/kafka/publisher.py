"""Telling Kafka what the outbox holds. A row counts as told only when every copy that must have it has it."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import orjson
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import DefaultPartitioner

from connectors.kafka.config import Kafka
from connectors.kafka.leaving import leave
from connectors.kafka.plans import Topic
from connectors.kafka.records import due_note, key_of
from integration.domain.instants import Instant
from integration.services.ports import BookingKey, OutboxRow

_log = structlog.get_logger()

_LINGER_MS = 5
_BATCH_BYTES = 256 * 1024
_TIMEOUT_MS = 5_000
"""How long a broker may be away before rows go back to the outbox, where they are safe."""
_CLOSE_SECONDS = 1.0
_TOPICS = {
    "findings": Topic.FINDINGS,
    "decisions": Topic.DECISIONS,
    "alerts": Topic.ALERTS,
    "deadletters": Topic.DEADLETTERS,
}


class Publisher:
    """A producer that is made anew after a failure. One event loop."""

    def __init__(self, kafka: Kafka) -> None:
        """Connect at the first message, not before.

        Args:
            kafka: says where, and what the topics are called.
        """
        self._kafka = kafka
        self._producer: AIOKafkaProducer | None = None
        self._connecting = asyncio.Lock()
        """Outbox and deadlines are told side by side; of two producers one would be forgotten, open."""

    async def tell(self, rows: Sequence[OutboxRow]) -> list[bool]:
        """Publish outbox rows, and return which of them the broker has for certain. Never raises KafkaError.

        A row that is not certain may be there all the same: it is published again, under the same id.
        """
        messages = [(self._kafka.topic(_TOPICS[row.topic]), _key_of(row), row.payload, row.key) for row in rows]
        return await self._send(messages)

    async def remind(self, due: Sequence[tuple[Instant, BookingKey]]) -> int:
        """Send a note for each booking whose deadline has come; returns how many arrived for certain."""
        topic = self._kafka.topic(Topic.EVENTS)
        sent = await self._send([(topic, key_of(booking), due_note(booking, at), "") for at, booking in due])
        return sum(sent)

    async def _send(self, messages: Sequence[tuple[str, bytes, bytes, str]]) -> list[bool]:
        if not messages:
            return []
        waiting: list[asyncio.Future[Any]] = []
        try:
            producer = await self._connected()
            for topic, key, value, message_id in messages:
                headers = [("id", message_id.encode())] if message_id else []
                waiting.append(await producer.send(topic, value, key=key, headers=headers))
        except KafkaError as error:
            _log.warning("kafka.not_told", error=type(error).__name__)
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        told = [not isinstance(outcome, BaseException) for outcome in outcomes]
        told += [False] * (len(messages) - len(told))
        if not all(told):
            errors = {type(outcome).__name__ for outcome in outcomes if isinstance(outcome, BaseException)}
            _log.warning("kafka.not_told", messages=told.count(False), errors=sorted(errors))
            await self.close()
        return told

    async def _connected(self) -> AIOKafkaProducer:
        async with self._connecting:
            if self._producer is None:
                self._producer = await self._made()
            return self._producer

    async def _made(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            acks="all",
            enable_idempotence=True,
            linger_ms=_LINGER_MS,
            max_batch_size=_BATCH_BYTES,
            request_timeout_ms=_TIMEOUT_MS,
            **self._kafka.connection.aiokafka(),
        )
        try:
            await producer.start()
        except BaseException:
            await producer.stop()
            raise
        return producer

    async def close(self) -> None:
        """Close the connections. The next message opens them again."""
        producer, self._producer = self._producer, None
        # What it still holds is in the outbox, too: a broker that does not answer need not be waited for.
        if producer is not None and not await leave(producer, _CLOSE_SECONDS):
            _log.warning("kafka.left_without_goodbye", seconds=_CLOSE_SECONDS)


def partitioner(partitions: int) -> Callable[[bytes], int]:
    """Return what tells a key's partition: the Java client's way, which this producer and Kafka's own tools share."""
    every = list(range(partitions))
    choose = DefaultPartitioner()
    return lambda key: int(choose(key, every, every))


def _key_of(row: OutboxRow) -> bytes:
    """Return the key that keeps what is told of one booking in order."""
    content = orjson.loads(row.payload)
    if isinstance(content.get("source"), str) and isinstance(content.get("booking"), str):
        return key_of(BookingKey(content["source"], content["booking"]))
    return row.key.encode()
