"""The Debezium connector at work: reads a topic, and keeps the offsets in our database, with the events.

No consumer group: which messages are processed is decided where the events are, in one transaction (ADR 0011 has the
same reason). A process that dies begins at the offsets that were committed with the last events.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from connectors.jms_debezium.changes import read_change
from connectors.jms_debezium.config import DebeziumSource
from connectors.jms_sql.positions import SourceError
from connectors.kafka.connection import Connection
from connectors.mapping.apply import Mapper
from connectors.mapping.presence import checked
from connectors.mapping.rows import Row, inputs_of
from integration.runners.connect.memory import Memory
from integration.runners.connect.taker import Taker
from integration.services.intake import Input
from schemas.refusals import InvalidEventError

_log = structlog.get_logger()
LOOK_FOR_PARTITIONS_MS = 30_000
"""Between two looks whether the topic has more partitions."""


async def has_topic(settings: DebeziumSource) -> bool:
    """Tell whether the brokers have a source's topic. Raises SourceError."""
    consumer = AIOKafkaConsumer(**_connection(settings).aiokafka(), group_id=None)
    try:
        await consumer.start()
        return settings.topic in await consumer.topics()
    except KafkaError as error:
        raise SourceError(f"{settings.name}: {type(error).__name__}") from None
    finally:
        await consumer.stop()


def _connection(settings: DebeziumSource) -> Connection:
    security = settings.security.model_dump() if settings.security else {}
    return Connection(servers=tuple(settings.servers), **security)


class DebeziumFeed:
    """One topic."""

    def __init__(self, settings: DebeziumSource, mapper: Mapper, taker: Taker) -> None:
        """Args: ``mapper`` reads the rows."""
        self.name = settings.name
        self._settings = settings
        self._mapper = mapper
        self._taker = taker
        self._store = taker.ports.sources
        self._memory = Memory(settings.name, mapper, self._store)

    async def run(self) -> None:
        """Read until the process stops.

        Raises:
            SourceError: the brokers cannot be reached, or messages are gone from them that were not read.
            StoppedError, FatalError: see `Taker`.
        """
        consumer = AIOKafkaConsumer(
            **_connection(self._settings).aiokafka(),
            enable_auto_commit=False,
            auto_offset_reset="none",
            group_id=None,
            metadata_max_age_ms=LOOK_FOR_PARTITIONS_MS,
        )
        try:
            await consumer.start()
            while not self._taker.stopping.is_set():
                await self._read(consumer)
        except KafkaError as error:
            raise SourceError(f"{self.name}: {type(error).__name__}") from None
        finally:
            await consumer.stop()

    def close(self) -> None:
        """The consumer ends with `run`."""

    async def _read(self, consumer: AIOKafkaConsumer) -> None:
        """Read until the process stops, or the topic has other partitions than it had."""
        text, version = await self._taker.again(lambda: self._store.position(self.name))
        offsets: dict[str, int] = orjson.loads(text) if text else {}
        await consumer._client.set_topics([self._settings.topic])  # noqa: SLF001  without it partitions are unknown
        known = consumer.partitions_for_topic(self._settings.topic)
        if not known:
            raise SourceError(f"{self.name}: there is no such topic")
        partitions = [TopicPartition(self._settings.topic, number) for number in sorted(known)]
        consumer.assign(partitions)
        first = await consumer.beginning_offsets(partitions)
        for partition in partitions:
            begin = offsets.get(str(partition.partition), first[partition])
            if begin < first[partition]:
                _log.error("changes.gone", source=self.name, partition=partition.partition)
                raise SourceError(f"{self.name}: the broker no longer has what was not read")
            consumer.seek(partition, begin)
        while not self._taker.stopping.is_set():
            if consumer.partitions_for_topic(self._settings.topic) not in (known, None):
                return
            found = await consumer.getmany(timeout_ms=self._settings.wait_ms, max_records=self._settings.batch_records)
            if not found:
                continue
            changes = [each for records in found.values() for each in records]
            offsets |= {str(each.partition): records[-1].offset + 1 for each, records in found.items()}
            version = await self._take(changes, offsets, version)

    async def _take(
        self, changes: "Sequence[ConsumerRecord[Any, Any]]", offsets: Mapping[str, int], version: int
    ) -> int:
        at = self._taker.ports.clock.now()
        position = orjson.dumps(offsets, option=orjson.OPT_SORT_KEYS).decode()
        also = [self._store.write_position(self.name, position, version, at)]
        inputs: list[Input] = []
        rows: list[tuple[Row, datetime | None]] = []
        for each in changes:
            refused, row = self._row(each)
            inputs += refused
            rows += row
        if self._mapper.mapping.keeps_rows:
            found = await self._taker.again(lambda: self._memory.read(rows, at))
            inputs += found.inputs
            also += [self._store.write_rows(found.rows)] if found.rows else []
        tally = await self._taker.patiently(inputs, also)
        _log.info("changes.read", source=self.name, accepted=tally.accepted, refused=tally.refused)
        return version + 1

    def _row(self, record: "ConsumerRecord[Any, Any]") -> tuple[list[Input], list[tuple[Row, datetime | None]]]:
        """Return the inputs of a change, or the row, where it is to be compared with what it said before."""
        place = f"{self.name}:{record.topic}:{record.partition}:{record.offset}"
        try:
            change = read_change(record.value, record.key)
        except InvalidEventError as error:
            return [Input(place, record.value or b"", refusal=error)], []
        if change is None:
            return [], []
        (row,) = checked([Row("", change.record)], self._mapper.mapping)
        if row.refusal is None and self._mapper.mapping.keeps_rows:
            return [], [(row, change.at)]
        return list(inputs_of(place, row, self._mapper, observed=change.at)), []
