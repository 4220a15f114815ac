"""What the worker is measured against: plain loops over a Kafka client that call the same service, in a process each.

Both do what the worker does: claim a partition and begin where the database says, take batches through the same intake
and desk, move the offsets in the same transaction, acknowledge afterwards. What they leave out is what a loop in the
field would have to grow: gaps, fencing by another owner, a failing database, metrics, a graceful end of a batch.

``python -m tests.bench.kafka_bare aiokafka|confluent SETTINGS`` until SIGTERM.
"""

import asyncio
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import confluent_kafka
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener

from connectors.kafka.config import Kafka
from connectors.kafka.plans import Topic
from integration.bootstrap import open_log, worker_ports
from integration.clock import WallClock
from integration.runners.memory import tune_collector
from integration.runners.worker.positions import Partition
from integration.runners.worker.works import Record, Works, works_of
from integration.services.ports import PositionRow
from integration.settings import load_settings


class Loop:
    """The service, and how far each partition is."""

    def __init__(self, works: Works, topic: str) -> None:
        self._works, self._topic = works, topic
        self._epochs: dict[int, int] = {}
        self._next: dict[int, int] = {}

    def claim(self, number: int) -> int:
        """Own a partition; returns the offset to begin at."""
        claim = self._works.claim(Partition(self._topic, number))
        self._epochs[number], self._next[number] = claim.epoch, claim.next_offset or 0
        return self._next[number]

    def take(self, records: list[Record]) -> None:
        """One batch, one transaction."""
        ends = {record.partition.number: record.offset + 1 for record in records}
        rows = [PositionRow(self._topic, it, self._epochs[it], self._next[it], end) for it, end in ends.items()]
        self._works.take(records, rows)
        self._next |= ends


def with_aiokafka(loop: Loop, kafka: Kafka) -> None:
    """Fetch in the event loop, process in one thread beside it, as the worker does."""
    asyncio.run(_aiokafka(loop, kafka))


async def _aiokafka(loop: Loop, kafka: Kafka) -> None:
    thread = ThreadPoolExecutor(1)
    running = asyncio.get_running_loop()
    stopping = asyncio.Event()
    running.add_signal_handler(signal.SIGTERM, stopping.set)
    topic = kafka.topic(Topic.EVENTS)
    consumer = AIOKafkaConsumer(
        **kafka.connection.aiokafka(),
        group_id=kafka.group_id,
        enable_auto_commit=False,
        session_timeout_ms=int(kafka.session_timeout_seconds * 1000),
        heartbeat_interval_ms=1000,
        max_partition_fetch_bytes=1 << 20,
    )

    class Assigned(ConsumerRebalanceListener):  # type: ignore[misc]
        async def on_partitions_revoked(self, revoked: Any) -> None:
            pass

        async def on_partitions_assigned(self, assigned: Any) -> None:
            for place in assigned:
                consumer.seek(place, await running.run_in_executor(thread, loop.claim, place.partition))

    consumer.subscribe([topic], listener=Assigned())
    await consumer.start()
    try:
        while not stopping.is_set():
            fetched = await consumer.getmany(timeout_ms=kafka.batch_wait_ms, max_records=kafka.batch_events)
            records = [
                Record(Partition(topic, it.partition), it.offset, it.value) for part in fetched.values() for it in part
            ]
            if records:
                await running.run_in_executor(thread, loop.take, records)
                await consumer.commit({place: part[-1].offset + 1 for place, part in fetched.items() if part})
    finally:
        await consumer.stop()
        thread.shutdown()


def with_confluent(loop: Loop, kafka: Kafka) -> None:
    """Fetch in librdkafka's threads, process in this one."""
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    topic = kafka.topic(Topic.EVENTS)
    consumer = confluent_kafka.Consumer(
        {
            "bootstrap.servers": ",".join(kafka.servers),
            "group.id": kafka.group_id,
            "enable.auto.commit": False,
            "session.timeout.ms": int(kafka.session_timeout_seconds * 1000),
            "heartbeat.interval.ms": 1000,
        }
    )

    def assigned(_consumer: Any, places: list[confluent_kafka.TopicPartition]) -> None:
        for place in places:
            place.offset = loop.claim(place.partition)
        consumer.assign(places)

    consumer.subscribe([topic], on_assign=assigned)
    try:
        while not stopping:
            fetched = consumer.consume(kafka.batch_events, timeout=kafka.batch_wait_ms / 1000)
            failed = [it.error() for it in fetched if it.error() is not None]
            if failed:
                raise confluent_kafka.KafkaException(failed[0])
            if fetched:
                loop.take([Record(Partition(topic, it.partition()), it.offset(), it.value()) for it in fetched])
                consumer.commit(asynchronous=True)
    finally:
        consumer.close()


LOOPS: dict[str, Callable[[Loop, Kafka], None]] = {"aiokafka": with_aiokafka, "confluent": with_confluent}


def main() -> None:
    name, settings_file = sys.argv[1], Path(sys.argv[2])
    settings = load_settings(settings_file)
    assert settings.kafka is not None
    log = open_log(settings)
    try:
        works = works_of(worker_ports(settings, settings.kafka, log.store, WallClock()))
        tune_collector()
        LOOPS[name](Loop(works, settings.kafka.topic(Topic.EVENTS)), settings.kafka)
    finally:
        log.store.close()


if __name__ == "__main__":
    main()
