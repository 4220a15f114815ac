"""Events per second from Kafka into PostgreSQL: the worker, as a ratio to plain loops that call the same service.

One broker, one PostgreSQL with fsync on, one run. For each loop a fresh topic of 8 partitions is filled first; then its
process (or processes) starts, and the time counts from the moment when all partitions are claimed to the commit of the
last event, both as the database shows them. Every event has to be in the inbox at the end. Loops take turns, so that a
busy machine is busy for all of them; the best of the repeats counts. Run with ``make bench``.
"""

import argparse
import asyncio
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
from aiokafka import AIOKafkaProducer
from sqlalchemy import create_engine, text

from connectors.kafka.plans import Topic
from integration.bootstrap import open_log
from integration.settings import load_settings
from tests.bench.feed import feed
from tests.conftest import COMMAND, ROOT, environment
from tests.kafka.broker import Broker
from tests.kafka.site import Site
from tests.store import postgres

PARTITIONS = 8
SOURCE = "/jms/bench"
LOOK_SECONDS = 0.01
LONGEST_SECONDS = 1800


@dataclass(frozen=True, slots=True)
class Contender:
    """A way to consume. Args: ``command`` gets the settings file at its end; ``together`` events in one record."""

    name: str
    command: tuple[str, ...]
    processes: int = 1
    together: int = 1


def bare(name: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "tests.bench.kafka_bare", name)


WORKER = (*COMMAND, "worker", "--settings")
CONTENDERS = {
    it.name: it
    for it in (
        Contender("bare aiokafka", bare("aiokafka")),
        Contender("confluent-kafka", bare("confluent")),
        Contender("worker (Faust)", WORKER),
        Contender("worker, 10 events a record", WORKER, together=10),
        Contender("two workers", WORKER, processes=2),
    )
}


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run gave. Args: ``busy`` is the processor time of its processes in those seconds."""

    events: float
    seconds: float
    busy: float

    @property
    def rate(self) -> float:
        return self.events / self.seconds

    @property
    def thrift(self) -> float:
        """Events per second of processor time: a busy machine changes it little."""
        return self.events / self.busy


async def fill(site: Site, lines: Sequence[bytes], together: int) -> int:
    """Send everything to the events topic, keyed; returns the number of records."""
    topic = site.kafka.topic(Topic.EVENTS)
    waiting: dict[int, list[bytes]] = {}
    records = 0
    producer = AIOKafkaProducer(
        bootstrap_servers=site.kafka.servers, acks="all", linger_ms=20, max_batch_size=256 * 1024
    )
    async with producer:

        async def send(partition: int, parts: list[bytes]) -> None:
            value = parts[0] if together == 1 else b"[" + b",".join(parts) + b"]"
            await producer.send(topic, value, partition=partition)

        for line in lines:
            event = orjson.loads(line)
            partition = site.partition_of(f"{event['source']}|{event['subject']}".encode())
            waiting.setdefault(partition, []).append(line)
            if len(waiting[partition]) == together:
                await send(partition, waiting.pop(partition))
                records += 1
        for partition, parts in waiting.items():
            await send(partition, parts)
            records += 1
    return records


class Progress:
    """What the database shows of a run."""

    def __init__(self, site: Site) -> None:
        self._engine = create_engine(site.url, isolation_level="AUTOCOMMIT")
        self._link = self._engine.connect()
        self._topic = site.kafka.topic(Topic.EVENTS)

    def now(self) -> tuple[int, int, int]:
        """Claimed partitions, their owners, records committed."""
        query = "SELECT count(*), count(DISTINCT owner), coalesce(sum(next_offset), 0) FROM positions WHERE topic = :t"
        claimed, owners, committed = self._link.execute(text(query), {"t": self._topic}).one()
        return int(claimed), int(owners), int(committed)

    def inbox(self) -> int:
        return int(self._link.execute(text("SELECT count(*) FROM inbox")).scalar_one())

    def close(self) -> None:
        self._link.close()
        self._engine.dispose()


def run(contender: Contender, site: Site, lines: Sequence[bytes]) -> Measured:
    """Fill a fresh topic, consume it, count."""
    open_log(load_settings(site.file)).store.close()  # tables and keys: no loop's work
    asyncio.run(site.make_topics())
    records = asyncio.run(fill(site, lines, contender.together))
    progress = Progress(site)
    processes = [start(contender, site) for _ in range(contender.processes)]
    try:
        until = time.monotonic() + LONGEST_SECONDS
        claimed = owners = done = 0
        while claimed < PARTITIONS or owners < contender.processes:
            claimed, owners, done = look(progress, processes, until)
        started, already, before = time.perf_counter(), done, busy(processes)
        while done < records:
            _claimed, _owners, done = look(progress, processes, until)
        taken, used = time.perf_counter() - started, busy(processes) - before
        held = progress.inbox()
    finally:
        end(processes)
        progress.close()
    if held != len(lines):
        raise SystemExit(f"{contender.name}: {held} events of {len(lines)} are in the inbox")
    return Measured(len(lines) * (records - already) / records, taken, used)


def busy(processes: Sequence[subprocess.Popen[bytes]]) -> float:
    """Processor time of processes so far, in seconds (proc(5): fields 14 and 15 of stat)."""
    ticks = 0
    for process in processes:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def start(contender: Contender, site: Site) -> subprocess.Popen[bytes]:
    with (site.root / "told.log").open("ab") as told:
        command = [*contender.command, str(site.file)]
        return subprocess.Popen(command, stdout=told, stderr=told, env=environment(), cwd=ROOT)


def look(progress: Progress, processes: Sequence[subprocess.Popen[bytes]], until: float) -> tuple[int, int, int]:
    if any(process.poll() is not None for process in processes) or time.monotonic() > until:
        raise SystemExit("a process ended before it was done, or takes too long; see its log")
    time.sleep(LOOK_SECONDS)
    return progress.now()


def end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    for process in processes:
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def measure(asked: argparse.Namespace, lines: Sequence[bytes]) -> dict[str, Measured]:
    """Let the contenders take turns; returns the best run of each."""
    best: dict[str, Measured] = {}
    server = postgres.Server(postgres.DURABLE)
    try:
        with Broker() as broker:
            for turn in range(asked.repeats):
                for number, name in enumerate(asked.loops):
                    with tempfile.TemporaryDirectory(prefix="holdwatch-bench-") as folder:
                        site = Site(
                            Path(folder),
                            broker,
                            f"bench-{turn}-{number}.",
                            server.new_database(),
                            partitions=PARTITIONS,
                            batch=asked.batch,
                            stand_by=False,
                            sources=[SOURCE],
                            pack=asked.pack,
                        )
                        try:
                            got = run(CONTENDERS[name], site, lines)
                        except SystemExit:
                            print((Path(folder) / "told.log").read_text()[-4000:], file=sys.stderr)
                            raise
                        finally:
                            site.close()
                    print(f"{name:<30}{got.rate:>9,.0f} events/s, {got.thrift:>9,.0f} a processor second", flush=True)
                    if name not in best or got.rate > best[name].rate:
                        best[name] = got
    finally:
        server.remove()
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bookings", type=int, default=10_000, help="five events each")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--batch", type=int, default=2000, help="records in one transaction")
    parser.add_argument("--pack", default="lansing-eo-2017-01")
    parser.add_argument("--loops", nargs="+", choices=list(CONTENDERS), default=list(CONTENDERS))
    asked = parser.parse_args()
    # Right after a topic is made its leader is not there yet: the client tries again, and tells of each attempt.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    asked.loops = list(dict.fromkeys(["bare aiokafka", *asked.loops]))  # what the others are measured by
    lines = list(feed(asked.bookings))
    print(f"{len(lines):,} events over {PARTITIONS} partitions into PostgreSQL with fsync, batches of {asked.batch}")
    best = measure(asked, lines)
    base = best["bare aiokafka"]
    print(f"\nbest of {asked.repeats}")
    for name, got in best.items():
        ratio = f"{got.rate / base.rate:5.2f} of bare aiokafka, {got.thrift / base.thrift:5.2f} by processor time"
        print(f"{name:<30}{got.rate:>9,.0f} events/s {ratio}", flush=True)


if __name__ == "__main__":
    main()
