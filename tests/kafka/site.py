"""An installation on a real broker and a real PostgreSQL, whose workers are processes of their own."""

import asyncio
import shutil
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from connectors.kafka.plans import Topic
from connectors.kafka.publisher import partitioner
from connectors.kafka.records import advanced_note
from connectors.kafka.topics import apply
from integration.settings import Settings, load_settings
from tests.kafka.broker import Broker
from tests.kafka.processes import Process

SETTINGS = """
[site]
name = "test"
state_dir = "{root}/state"
[database]
url = "{url}"
[log]
origin = "audit.example/test"
checkpoint_every_seconds = {checkpoint}
[intake]
clock = "{clock}"
[worker]
metrics_port = 0
stand_by = {stand_by}
[kafka]
servers = ["{server}"]
topic_prefix = "{prefix}"
partitions = {partitions}
replication = 1
min_insync = 1
batch_events = {batch}
session_timeout_seconds = {session}
[watch]
checkpoint_behind_after_seconds = 3600
"""
FACILITY = """
[[facilities]]
source = "{source}"
zone = "America/Detroit"
packs = [{{ pack = "{pack}" }}]
"""
SETTINGS_EMBEDDED = """
[site]
name = "test"
state_dir = "{root}/state"
[log]
origin = "audit.example/test"
[intake]
clock = "recorded"
batch_size = 100
[[drop_folders]]
path = "{root}/drop"
"""
"""The same installation in one process, without a broker."""
SOURCES = ("/jms/a", "/jms/b")
Event = dict[str, Any]


class Site:
    """One installation: settings, topics, database, and the processes that were started for it."""

    def __init__(
        self,
        root: Path,
        broker: Broker,
        prefix: str,
        url: str,
        *,
        partitions: int = 4,
        clock: str = "system",
        batch: int = 2000,
        session: float = 6.0,
        stand_by: bool = True,
        sources: Sequence[str] = SOURCES,
        pack: str = "ma-welcoming-community",
        checkpoint: float = 0.2,
    ) -> None:
        self.root, self.broker, self.url, self.partitions = root, broker, url, partitions
        self.file = root / "holdwatch.toml"
        content = SETTINGS.format(
            root=root,
            url=url,
            server=broker.address,
            prefix=prefix,
            partitions=partitions,
            clock=clock,
            batch=batch,
            session=session,
            stand_by=str(stand_by).lower(),
            checkpoint=checkpoint,
        )
        self.file.write_text(content + "".join(self.facility(source, pack) for source in sources))
        self.settings: Settings = load_settings(self.file)
        assert self.settings.kafka is not None
        self.kafka = self.settings.kafka
        self.partition_of = partitioner(partitions)
        self._engine = create_engine(url, isolation_level="AUTOCOMMIT")
        self._processes: list[Process] = []

    @staticmethod
    def facility(source: str, pack: str) -> str:
        """The settings of one feed."""
        return FACILITY.format(source=source, pack=pack)

    async def make_topics(self) -> None:
        await apply(self.kafka.connection, self.kafka.plans)

    # -- processes ----------------------------------------------------------------------------------------------------

    def start(self, command: str = "worker", **environment: str) -> Process:
        number = len(self._processes)
        process = Process(command, self.file, self.root / f"{command}-{number}.log", environment)
        self._processes.append(process)
        return process

    def close(self) -> None:
        for process in self._processes:
            process.end()
        self._engine.dispose()
        shutil.rmtree(self.root, ignore_errors=True)

    def logs(self) -> str:
        return "\n".join(f"--- {process.log.name}\n{process.said()[-4000:]}" for process in self._processes)

    # -- sending ------------------------------------------------------------------------------------------------------

    async def send(self, events: Iterable[Event], *, together: int = 1) -> None:
        """Send events in their order, keyed as the contract says. Args: ``together`` events of a key in one record."""
        waiting: dict[bytes, list[Event]] = {}
        async with self.producer() as producer:
            sent = []
            for event in events:
                key = f"{event['source']}|{event['subject']}".encode()
                waiting.setdefault(key, []).append(event)
                if len(waiting[key]) == together:
                    several = waiting.pop(key)
                    sent.append(await self._send(producer, key, several))
            sent += [await self._send(producer, key, several) for key, several in waiting.items()]
            await asyncio.gather(*sent)

    async def _send(self, producer: AIOKafkaProducer, key: bytes, events: list[Event]) -> Any:
        value = orjson.dumps(events[0] if len(events) == 1 else events)
        return await producer.send(self.kafka.topic(Topic.EVENTS), value, key=key)

    async def send_raw(self, value: bytes | None, *, key: bytes = b"k", partition: int = 0) -> int:
        """Send anything; returns its offset."""
        async with self.producer() as producer:
            sent = await producer.send_and_wait(self.kafka.topic(Topic.EVENTS), value, key=key, partition=partition)
            return int(sent.offset)

    async def advance(self, to: int) -> None:
        """Say in every partition that recorded time has come this far."""
        for partition in range(self.partitions):
            await self.send_raw(advanced_note(to), partition=partition)

    def producer(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(bootstrap_servers=self.broker.address, acks="all", linger_ms=5)

    async def told(self, topic: Topic) -> list[tuple[str, Any]]:
        """Everything on a topic: message ids and contents."""
        name = self.kafka.topic(topic)
        async with AIOKafkaConsumer(bootstrap_servers=self.broker.address, auto_offset_reset="earliest") as consumer:
            places = [TopicPartition(name, number) for number in range(self.partitions)]
            consumer.assign(places)
            ends = await consumer.end_offsets(places)
            found = []
            while any([await consumer.position(place) < ends[place] for place in places]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found += [(dict(each.headers)["id"].decode(), orjson.loads(each.value)) for each in records]
        return found

    async def ends(self) -> dict[int, int]:
        """The offset after the last record of each partition of the events topic."""
        name = self.kafka.topic(Topic.EVENTS)
        async with AIOKafkaConsumer(bootstrap_servers=self.broker.address) as consumer:
            found = await consumer.end_offsets([TopicPartition(name, number) for number in range(self.partitions)])
        return {place.partition: end for place, end in found.items()}

    # -- what the database says ---------------------------------------------------------------------------------------

    def ask(self, statement: str, **values: Any) -> list[Any]:
        """Rows of a query; none while the database is away or has no tables yet."""
        try:
            with self._engine.connect() as connection:
                return list(connection.execute(text(statement), values))
        except DBAPIError:
            self._engine.dispose()
            return []

    def connect(self) -> Connection:
        return self._engine.connect()

    def positions(self) -> dict[int, int]:
        rows = self.ask("SELECT partition, next_offset FROM positions WHERE next_offset IS NOT NULL")
        return {row.partition: row.next_offset for row in rows}

    def owners(self) -> dict[int, str]:
        return {row.partition: row.owner for row in self.ask("SELECT partition, owner FROM positions")}

    def held_by(self, process: Process) -> list[int]:
        """The partitions that a process claimed last."""
        return [partition for partition, owner in self.owners().items() if owner.endswith(f"/{process.pid}")]

    def waiting_for_locks(self) -> int:
        """How many of the database's sessions wait for another one."""
        return len(
            self.ask("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
        )

    def inbox(self) -> set[tuple[str, str]]:
        """The events that were accepted; what else is known by an id there is left out."""
        rows = self.ask("SELECT source, event_id FROM inbox WHERE event_id NOT LIKE :marked", marked="\x01%")
        return {(row.source, row.event_id) for row in rows}

    def findings(self, status: str | None = None) -> list[Any]:
        rows = self.ask("SELECT * FROM findings ORDER BY source, booking, rule, since, finding_id")
        return [row for row in rows if status is None or row.status == status]

    def decisions(self) -> list[Any]:
        return self.ask("SELECT * FROM decisions ORDER BY source, request, request_id")

    def entries(self) -> Counter[tuple[Any, ...]]:
        """See `counted`."""
        return counted(self.url)

    async def until(self, holds: Callable[[], Any], *, seconds: float = 120.0, what: str = "") -> Any:
        """Wait for something to hold; returns it."""
        end = time.monotonic() + seconds
        while not (found := await asyncio.to_thread(holds)):
            if time.monotonic() > end:
                raise AssertionError(f"not within {seconds} s: {what or holds}\n{self.logs()}")
            await asyncio.sleep(0.05)
        return found

    async def processed(self, *, seconds: float = 120.0) -> None:
        """Wait until everything on the events topic is processed and has its place in the log."""
        ends = {partition: end for partition, end in (await self.ends()).items() if end}

        def done() -> bool:
            waiting = self.ask("SELECT count(*) AS count FROM unsequenced")
            return self.positions() == ends and bool(waiting) and waiting[0].count == 0

        try:
            await self.until(done, seconds=seconds, what=f"positions at {ends}")
        except AssertionError:
            print("positions", self.positions(), "ends", ends)
            raise


def counted(url: str) -> Counter[tuple[Any, ...]]:
    """The entries of a database's log as a set that counts: all that they say but their place in the log."""
    found: Counter[tuple[Any, ...]] = Counter()
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            for row in connection.execute(text("SELECT kind, at, source, booking, outcome, body FROM entries")):
                said = orjson.dumps(orjson.loads(row.body)["detail"], option=orjson.OPT_SORT_KEYS)
                found[row.kind, row.at, row.source, row.booking, row.outcome, said] += 1
    except DBAPIError:
        return Counter()  # there are no tables yet
    finally:
        engine.dispose()
    return found


def ids(events: Iterable[Event]) -> set[tuple[str, str]]:
    """What the inbox holds once these are accepted."""
    return {(event["source"], event["id"]) for event in events}


def page(process: Process, path: str) -> tuple[int, str]:
    """What a process's own page answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{process.port()}{path}", timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()
