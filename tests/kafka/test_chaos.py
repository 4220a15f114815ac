"""Fifty thousand events while everything around the workers is killed, frozen, stopped and restarted.

Afterwards: no event lost, no effect doubled, the log verifies, and the findings are those of a replay of the same file.
"""

import asyncio
import random
import subprocess
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import pytest

from connectors.kafka.plans import Topic
from integration.simulator import SimulationParams, simulate
from tests.conftest import COMMAND, environment
from tests.kafka.broker import Broker
from tests.kafka.processes import Process
from tests.kafka.site import Event, Site, ids
from tests.store.postgres import Server

PACK = "ma-welcoming-community"
EVENTS = 50_000
PARTITIONS = 8
SEED = 20261122
SESSION = 6.0
COUNTY = SimulationParams(
    seed=SEED,
    facilities=4,
    bookings_per_day=450,
    days=20,
    start=date(2026, 3, 1),
    run_out=True,
    duplicates=0.1,
    immigration=0.2,
    mislabelled=0.3,
    rescinded=0.1,
    moved=0.02,
    retractions=0.05,
    mistaken_releases=0.03,
    voided=0.02,
)


class Chaos:
    """Does harm to an installation, one thing at a time, and keeps two workers and a sequencer going."""

    def __init__(self, site: Site, broker: Broker, server: Server, dice: random.Random) -> None:
        self._site, self._broker, self._server, self._dice = site, broker, server, dice
        self.workers: list[Process] = [site.start(), site.start()]
        self.sequencer = site.start("sequencer")
        self.done: Counter[str] = Counter()
        self._kinds: dict[str, Callable[[], Awaitable[None]]] = {
            "worker killed": self._kill,
            "worker told to stop": self._stop,
            "worker frozen past its session": self._freeze,
            "sequencer killed": self._kill_sequencer,
            "third worker comes and goes": self._join,
            "broker stopped": self._stop_broker,
            "broker killed": self._kill_broker,
            "database restarted": self._restart_database,
            "database killed": self._kill_database,
        }

    async def do(self, kind: str) -> None:
        # In the middle of whatever they are doing: a batch takes a few tenths of a second.
        await asyncio.sleep(self._dice.uniform(0.1, 1.0))
        await self._kinds[kind]()
        self.done[kind] += 1

    def _any(self) -> int:
        return self._dice.randrange(len(self.workers))

    async def _kill(self) -> None:
        at = self._any()
        await asyncio.to_thread(self.workers[at].kill)
        self.workers[at] = self._site.start()

    async def _stop(self) -> None:
        at = self._any()
        # Earlier it is still loading the program, and has nothing to finish.
        await self._site.until(lambda: self.workers[at].lines("metrics.served"))
        await asyncio.to_thread(self.workers[at].terminate)
        assert self.workers[at].status == 0, self.workers[at].said()
        self.workers[at] = self._site.start()

    async def _freeze(self) -> None:
        worker = self.workers[self._any()]
        worker.freeze()
        await asyncio.sleep(SESSION + 2)
        worker.thaw()

    async def _kill_sequencer(self) -> None:
        await asyncio.to_thread(self.sequencer.kill)
        self.sequencer = self._site.start("sequencer")

    async def _join(self) -> None:
        third = self._site.start()
        await self._site.until(lambda: third.lines("metrics.served"))
        await asyncio.sleep(self._dice.uniform(0.1, 2.0))
        await asyncio.to_thread(third.terminate)

    async def _stop_broker(self) -> None:
        await asyncio.to_thread(self._broker.restart)

    async def _kill_broker(self) -> None:
        await asyncio.to_thread(self._broker.kill)
        await asyncio.to_thread(self._broker.start)

    async def _restart_database(self) -> None:
        await asyncio.to_thread(self._server.stop, "fast")
        await asyncio.to_thread(self._server.start)

    async def _kill_database(self) -> None:
        await asyncio.to_thread(self._server.stop, "immediate")
        await asyncio.to_thread(self._server.start)


PLAN = {
    "worker killed": 10,
    "worker told to stop": 10,
    "worker frozen past its session": 1,
    "sequencer killed": 2,
    "third worker comes and goes": 2,
    "broker stopped": 1,
    "broker killed": 1,
    "database restarted": 1,
    "database killed": 1,
}


@pytest.fixture
def history(tmp_path: Path) -> Path:
    file = tmp_path / "history.jsonl"
    lines = list(islice(simulate(COUNTY), EVENTS))
    assert len(lines) == EVENTS
    file.write_bytes(b"\n".join(line.rstrip(b"\n") for line in lines) + b"\n")
    return file


def read(file: Path) -> list[Event]:
    return [orjson.loads(line) for line in file.read_bytes().splitlines()]


def parts(events: list[Event], count: int) -> Iterator[list[Event]]:
    size = -(-len(events) // count)
    for at in range(0, len(events), size):
        yield events[at : at + size]


def replayed(file: Path, out: Path) -> list[dict[str, Any]]:
    until = datetime.now(UTC).isoformat()
    command = [*COMMAND, "replay", str(file), "--policy", PACK, "--until", until, "--out", str(out)]
    subprocess.run(command, check=True, env=environment(), timeout=300, stdout=subprocess.DEVNULL)
    return [orjson.loads(line) for line in (out / "findings.jsonl").read_bytes().splitlines()]


def audit_verify(site: Site) -> subprocess.CompletedProcess[bytes]:
    command = [*COMMAND, "audit", "verify", "--settings", str(site.file)]
    return subprocess.run(command, capture_output=True, env=environment(), timeout=300, check=False)


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_nothing_is_lost_or_doubled_when_everything_around_the_workers_fails(
    make_site: Callable[..., Site], broker: Broker, server: Server, history: Path, tmp_path: Path
) -> None:
    events = read(history)
    sources = sorted({event["source"] for event in events})
    site = make_site(partitions=PARTITIONS, sources=sources, pack=PACK, batch=1000, stand_by=True)
    await site.make_topics()
    dice = random.Random(SEED)
    plan = [kind for kind, count in PLAN.items() for _ in range(count)]
    dice.shuffle(plan)
    chaos = Chaos(site, broker, server, dice)
    await site.until(lambda: sum(len(site.held_by(worker)) for worker in chaos.workers) == PARTITIONS)
    for kind, part in zip(plan, parts(events, len(plan)), strict=True):
        sending = asyncio.create_task(site.send(part))
        await chaos.do(kind)
        await sending
    await site.processed(seconds=240)
    assert chaos.done == PLAN

    # Nothing lost, nothing doubled.
    assert site.inbox() == ids(events)
    accepted = site.ask("SELECT count(*) AS count FROM entries WHERE kind = 'event.accepted'")[0].count
    assert accepted == len(ids(events))
    assert not site.ask("SELECT 1 FROM dead_letters")
    # The findings are those of a replay.
    expected = await asyncio.to_thread(replayed, history, tmp_path / "replay")
    standing = {row["finding_id"]: row["status"] for row in expected if row["status"] != "withdrawn"}
    assert {row.finding_id: row.status for row in site.findings() if row.status != "withdrawn"} == standing
    assert len(standing) > 1000
    # Whoever listens is told every change that the log has, each under one id.
    await site.until(lambda: not site.ask("SELECT 1 FROM outbox"), what="everything is told")
    told = {message_id for message_id, _ in await site.told(Topic.FINDINGS)}
    changes = site.ask("SELECT encode(leaf_hash, 'hex') AS leaf FROM entries WHERE kind LIKE 'finding.%'")
    assert told == {f"findings-{row.leaf}" for row in changes}
    # The log verifies, and every process ended as it was told to.
    for process in (*chaos.workers, chaos.sequencer):
        assert process.status is None, process.said()
        await asyncio.to_thread(process.terminate)
        assert process.status == 0, process.said()
    verified = await asyncio.to_thread(audit_verify, site)
    assert verified.returncode == 0, verified.stdout + verified.stderr
