"""The Debezium connector at work: reads a topic, and keeps the offsets in our database, with the events.

No consumer group: which messages are processed is decided where the events are, in one transaction (ADR 0011 has the
same reason). A process that dies begins at the offsets that were committed with the last events.
"""

from collections.abc import Mapping
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
from connectors.mapping.rows import Row, inputs_of
from integration.runners.connect.taker import Taker
from integration.services.intake import Input
from schemas.refusals import InvalidEventError

_log = structlog.get_logger()


class DebeziumFeed:
    """One topic."""

    def __init__(self, settings: DebeziumSource, mapper: Mapper, taker: Taker) -> None:
        """Args: ``mapper`` reads the rows."""
        self.name = settings.name
        self._settings = settings
        self._mapper = mapper
        self._taker = taker
        self._store = taker.ports.sources

    async def run(self) -> None:
        """Read until the process stops.

        Raises:
            SourceError: the brokers cannot be reached, or messages are gone from them that were not read.
            StoppedError, FatalError: see `Taker`.
        """
        security = self._settings.security.model_dump() if self._settings.security else {}
        connection = Connection(servers=tuple(self._settings.servers), **security)
        consumer = AIOKafkaConsumer(
            **connection.aiokafka(), enable_auto_commit=False, auto_offset_reset="none", group_id=None
        )
        try:
            await consumer.start()
            await self._read(consumer)
        except KafkaError as error:
            raise SourceError(f"{self.name}: {type(error).__name__}") from None
        finally:
            await consumer.stop()

    def close(self) -> None:
        """The consumer ends with `run`."""

    async def _read(self, consumer: AIOKafkaConsumer) -> None:
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
            found = await consumer.getmany(timeout_ms=self._settings.wait_ms, max_records=self._settings.batch_records)
            if not found:
                continue
            inputs = [each for records in found.values() for record in records for each in self._inputs(record)]
            offsets |= {str(each.partition): records[-1].offset + 1 for each, records in found.items()}
            version = await self._take(inputs, offsets, version)

    async def _take(self, inputs: list[Input], offsets: Mapping[str, int], version: int) -> int:
        at = self._taker.ports.clock.now()
        position = orjson.dumps(offsets, option=orjson.OPT_SORT_KEYS).decode()
        tally = await self._taker.patiently(inputs, [self._store.write_position(self.name, position, version, at)])
        _log.info("changes.read", source=self.name, accepted=tally.accepted, refused=tally.refused)
        return version + 1

    def _inputs(self, record: "ConsumerRecord[Any, Any]") -> list[Input]:
        place = f"{self.name}:{record.topic}:{record.partition}:{record.offset}"
        try:
            change = read_change(record.value)
        except InvalidEventError as error:
            return [Input(place, record.value or b"", refusal=error)]
        if change is None:
            return []
        return list(inputs_of(place, Row("", change.record), self._mapper, observed=change.at))
