"""How a worker's speed depends on what one message of Faust's is: a record, a fetch, or several events in a record.

Run by hand: ``python -m tests.bench.transports [BOOKINGS [ROUNDS]]``. One process, real broker and PostgreSQL, the same
work each time; the sequencer runs beside it in the same process. Processor time is that of the process with all its
threads: it says more than the clock where others use the machine.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer
from prometheus_client import CollectorRegistry

from connectors.kafka.plans import Topic
from integration.bootstrap import keeper_ports, open_log, worker_ports
from integration.clock import WallClock
from integration.metrics import WorkerMetrics
from integration.runners import faust_app, faust_transport, worker
from integration.runners.keeper import Keeper
from integration.runners.memory import tune_collector
from integration.runners.worker.positions import Partition, Positions
from integration.runners.worker.worker import Worker
from integration.runners.worker.works import Record, works_of
from tests.bench.feed import feed
from tests.kafka.broker import Broker
from tests.kafka.site import Site
from tests.store.postgres import Server

Run = Callable[[Site], Any]


class OneRecordAMessage(faust_transport.Consumer):
    """What Faust does by itself."""

    async def getmany(self, timeout: float) -> AsyncIterator[Any]:  # noqa: ASYNC109  Faust's
        async for tp, message in super().getmany(timeout):
            fetched = message.value
            for number, record in enumerate(fetched.records):
                one = fetched._replace(records=(record,), first=fetched.first and number == 0)
                yield tp, self._one_message(one)


class Taken:
    """Events that `take` brought, as one fetch."""

    def __init__(self, events: list[Any]) -> None:
        self._events = events
        first = events[0].value
        self.value = first._replace(records=[record for event in events for record in event.value.records])

    def ack(self) -> None:
        for event in self._events:
            event.ack()


def taking_app(kafka, hall):
    """(a): ``stream.take``, one record a message."""
    app = faust_app.make_app(kafka, hall)
    (name,) = app.agents
    agent = app.agents[name]

    async def events(stream):
        async for batch in stream.noack_take(kafka.batch_events, within=kafka.batch_wait_ms / 1000):
            by_partition: dict[Any, list[Any]] = {}
            for event in batch:
                by_partition.setdefault(event.value.tp, []).append(event)
            for several in by_partition.values():
                await hall.hand_over(Taken(several))

    agent.fun = events
    agent.channel.maxsize = 4096
    app.transport.Consumer = OneRecordAMessage
    return app


@asynccontextmanager
async def running(site: Site) -> AsyncIterator[tuple[Any, Keeper, WorkerMetrics, WallClock]]:
    log, clock, metrics = (
        await asyncio.to_thread(open_log, site.settings),
        WallClock(),
        WorkerMetrics(CollectorRegistry()),
    )
    try:
        yield log, Keeper(keeper_ports(site.settings, site.kafka, log, clock), metrics), metrics, clock
    finally:
        log.store.close()


async def faust_worker(site: Site, count: int) -> tuple[float, float]:
    async with running(site) as (log, keeper, metrics, clock):
        one = Worker(worker_ports(site.settings, site.kafka, log.store, clock), metrics, keeper)
        return await measured(site, count, asyncio.create_task(one.run()), one.stop)


async def bare_client(site: Site, count: int) -> tuple[float, float]:
    """An aiokafka loop without Faust, groups or hall: the same service, the same positions in the same transaction."""
    async with running(site) as (log, keeper, _metrics, clock):
        ports = worker_ports(site.settings, site.kafka, log.store, clock)
        stopping = asyncio.Event()

        async def loop() -> None:
            works, positions = works_of(ports), Positions()
            consumer = AIOKafkaConsumer(
                site.kafka.topic(Topic.EVENTS),
                bootstrap_servers=site.broker.address,
                group_id="bare",
                auto_offset_reset="earliest",
                enable_auto_commit=False,
            )
            keeping = asyncio.create_task(keeper.run())
            async with consumer:
                for tp in consumer.assignment():
                    partition = Partition(tp.topic, tp.partition)
                    claim = await asyncio.to_thread(works.claim, partition)
                    positions.claimed(partition, epoch=claim.epoch, next_offset=0)
                while not stopping.is_set():
                    fetched = await consumer.getmany(timeout_ms=200, max_records=site.kafka.batch_events)
                    records = []
                    for tp, batch in fetched.items():
                        partition = Partition(tp.topic, tp.partition)
                        if partition not in positions:
                            claim = await asyncio.to_thread(works.claim, partition)
                            positions.claimed(partition, epoch=claim.epoch, next_offset=batch[0].offset)
                        admitted = positions.admit(partition, batch)
                        records += [Record(partition, each.offset, each.value) for each in admitted.records]
                    if records:
                        await asyncio.to_thread(works.take, records, positions.rows())
                        positions.committed()
            keeper.stop()
            await keeping

        return await measured(site, count, asyncio.create_task(loop()), stopping.set)


async def measured(site: Site, count: int, task: asyncio.Task[Any], stop: Callable[[], None]) -> tuple[float, float]:
    """Seconds by the clock and of the processor, from the first event in the inbox to the last one in the log."""

    def accepted() -> int:
        rows = site.ask("SELECT count(*) AS count FROM inbox")
        return rows[0].count if rows else 0

    await site.until(lambda: accepted() > 0)
    begun, worked, already = time.monotonic(), time.process_time(), accepted()
    await site.until(lambda: accepted() == count, seconds=600)
    share = (count - already) / count
    seconds, processor = (time.monotonic() - begun) / share, (time.process_time() - worked) / share
    await site.processed(seconds=600)
    stop()
    await task
    return seconds, processor


async def main(bookings: int, rounds: int) -> None:
    events = [orjson.loads(line) for line in feed(bookings)]
    ours = worker.make_app
    variants: dict[str, tuple[Callable[..., Any], int, Callable[..., Any]]] = {
        "bare aiokafka, the same service": (bare_client, 1, ours),
        "(a) Faust, take(n), one record a message": (faust_worker, 1, taking_app),
        "(b) Faust, one fetch a message": (faust_worker, 1, ours),
        "(c) as (b), up to 5 events in a record": (faust_worker, 5, ours),
        "(a+c) as (a), up to 5 events in a record": (faust_worker, 5, taking_app),
    }
    tune_collector()
    server = Server()
    try:
        with Broker() as broker:
            for number in range(rounds):
                for position, (name, (run, together, make)) in enumerate(variants.items()):
                    root = Path(tempfile.mkdtemp())
                    prefix = f"r{number}v{position}."
                    site = Site(root, broker, prefix, server.new_database(), partitions=8, sources=["/jms/bench"])
                    try:
                        await site.make_topics()
                        await site.send(events, together=together)
                        worker.make_app = make
                        seconds, processor = await run(site, len(events))
                    finally:
                        worker.make_app = ours
                        site.close()
                    told = (
                        f"{len(events) / seconds:8.0f} events/s  {processor / len(events) * 1e6:6.0f} us of processor"
                    )
                    print(f"{name:45} {told}", flush=True)
    finally:
        server.remove()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 4000, int(sys.argv[2]) if len(sys.argv) > 2 else 2))
