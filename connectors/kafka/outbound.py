"""Messages on Kafka: `jail.outbound.pending` is read, `jail.outbound.released` is written, by the gate alone."""

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    KafkaError,
    MessageSizeTooLargeError,
    RecordTooLargeError,
    TopicAuthorizationFailedError,
)

from connectors.kafka.config import Kafka
from connectors.kafka.leaving import leave
from connectors.kafka.plans import Topic
from integration.errors import TransientError

_REQUEST_MS: Final = 5_000
ANSWER_SECONDS: Final = 10.0
"""How long the broker has to say that it has a record. Then nobody knows."""
_CLOSE_SECONDS: Final = 2.0
_NOT_ALLOWED: Final = (TopicAuthorizationFailedError, ClusterAuthorizationFailedError)
_TOO_LARGE: Final = (MessageSizeTooLargeError, RecordTooLargeError)


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the pending topic."""

    place: str
    """Topic, partition and offset."""
    value: bytes | None


class Released(StrEnum):
    """What became of a record that was to be written."""

    WRITTEN = "written"
    """Every copy that has to exist exists."""
    NOT_WRITTEN = "not_written"
    """For certain; it may be later."""
    TOO_LARGE = "too_large"
    """For certain, and for ever."""
    UNKNOWN = "unknown"


class Pending:
    """Reads what waits for a decision. One event loop."""

    def __init__(self, kafka: Kafka) -> None:
        """Connect at `start`, not before."""
        self._consumer = AIOKafkaConsumer(
            kafka.topic(Topic.OUTBOUND_PENDING),
            group_id=kafka.group_id,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            session_timeout_ms=int(kafka.session_timeout_seconds * 1000),
            **kafka.connection.aiokafka(),
        )
        self._positions: dict[TopicPartition, int] = {}

    async def start(self) -> None:
        """Join the group.

        Raises:
            TransientError: no broker answers, or it refuses.
        """
        try:
            await self._consumer.start()
        except KafkaError as error:
            await self._consumer.stop()
            raise TransientError(f"kafka: {type(error).__name__}") from error

    async def take(self, most: int, wait_ms: int) -> list[Record]:
        """Return what has come; the same again after `again`, until `done`.

        Raises:
            TransientError: the broker does not answer, or refuses.
        """
        try:
            fetched = await self._consumer.getmany(timeout_ms=wait_ms, max_records=most)
        except KafkaError as error:
            raise TransientError(f"kafka: {type(error).__name__}") from error
        records = []
        self._positions = {}
        for partition, those in fetched.items():
            self._positions[partition] = those[-1].offset + 1
            records += [Record(f"{partition.topic}/{partition.partition}/{each.offset}", each.value) for each in those]
        return records

    async def done(self) -> None:
        """Tell the broker that everything taken is on our disk.

        Raises:
            TransientError: it did not hear of it; the records come again, and are known by their ids.
        """
        if not self._positions:
            return
        try:
            await self._consumer.commit(self._positions)
        except KafkaError as error:
            raise TransientError(f"kafka: {type(error).__name__}") from error

    async def close(self) -> None:
        """Leave the group."""
        await self._consumer.stop()


class Outgoing:
    """Writes what may leave. One event loop; a connection that failed is made anew."""

    def __init__(self, kafka: Kafka, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        """Connect at the first `ready`, not before."""
        self._kafka = kafka
        self._answer_seconds = answer_seconds
        self._topic = kafka.topic(Topic.OUTBOUND_RELEASED)
        self._producer: AIOKafkaProducer | None = None

    async def ready(self) -> bool:
        """Connect, if there is no connection; tell whether there is one. Nothing is written."""
        if self._producer is not None:
            return True
        producer = AIOKafkaProducer(
            acks="all",
            enable_idempotence=True,  # a repeated request of the library's own is one record
            request_timeout_ms=_REQUEST_MS,
            **self._kafka.connection.aiokafka(),
        )
        try:
            await producer.start()
            await producer.partitions_for(self._topic)
        except BaseException as error:
            await leave(producer, _CLOSE_SECONDS)
            if isinstance(error, KafkaError):
                return False
            raise
        self._producer = producer
        return True

    async def write(self, key: bytes, value: bytes, message_id: str) -> Released:
        """Write one record, once. Never raises KafkaError."""
        if self._producer is None:
            return Released.NOT_WRITTEN
        handed = False
        try:
            waiting = await self._producer.send(self._topic, value, key=key, headers=[("id", message_id.encode())])
            handed = True
            async with asyncio.timeout(self._answer_seconds):
                await waiting
        except _TOO_LARGE:
            return Released.TOO_LARGE
        except TimeoutError:
            # The library would go on trying for ever; what it might still bring about is ended here.
            await self.close()
            return Released.UNKNOWN
        except KafkaError as error:
            await self.close()
            # Handed to the library's sender, it may have arrived, unless the broker itself says no.
            certain = not handed or isinstance(error, _NOT_ALLOWED)
            return Released.NOT_WRITTEN if certain else Released.UNKNOWN
        return Released.WRITTEN

    async def close(self) -> None:
        """Close the connection."""
        producer, self._producer = self._producer, None
        if producer is not None:
            # A stop that is given up would leave its sender at work, to write later what is in doubt now.
            await leave(producer, _CLOSE_SECONDS)
