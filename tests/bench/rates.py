"""Events per second of replay and of the embedded service, as ratios to a floor measured in the same run.

The floor is what nobody can do without: the same batches parsed by the same pydantic models, hashed, and inserted as
raw rows through the same library into the same kind of database. Run with ``make bench``.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from itertools import islice
from pathlib import Path

from sqlalchemy import text

from integration.bootstrap import open_desk, open_store
from integration.domain.instants import Instant
from integration.policy.pack import Pack, load
from integration.runners.memory import tune_collector
from integration.runners.replay import replay
from integration.services.intake import Input, Intake
from integration.services.recorder import random_salts, salts_of_content
from integration.store.database import open_engine
from integration.store.vault import Vault
from schemas.events import EVENTS
from tests.bench.feed import feed

BATCH = 1000


def batches(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    iterator = iter(lines)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def floor(lines: list[bytes], folder: Path, *, durable: bool) -> float:
    """Parse, hash, insert; nothing else."""
    engine = open_engine(f"sqlite:///{folder / 'floor.sqlite'}", durable=durable)
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE TABLE raw (source TEXT, id TEXT, digest BLOB, body BLOB, PRIMARY KEY (source, id))"
                " WITHOUT ROWID"
            )
        )
    started = time.perf_counter()
    for batch in batches(lines):
        rows = []
        for raw in batch:
            event = EVENTS.validate_json(raw)
            rows.append((event.source, event.id, sha256(raw).digest(), raw))
        with engine.begin() as connection:
            connection.exec_driver_sql("INSERT INTO raw VALUES (?, ?, ?, ?)", rows)
    taken = time.perf_counter() - started
    engine.dispose()
    return taken


def replayed(lines: list[bytes], folder: Path, pack: Pack) -> float:
    """Replay in simulated time into a scratch database."""
    store = open_store(f"sqlite:///{folder / 'replay.sqlite'}", Vault.throwaway(), durable=False)
    desk = open_desk(store, lambda _source, _at: pack, place="bench", salts=salts_of_content)
    started = time.perf_counter()
    replay((Input(f"bench:{number}", raw) for number, raw in enumerate(lines, start=1)), desk)
    taken = time.perf_counter() - started
    store.close()
    return taken


def embedded(lines: list[bytes], folder: Path, pack: Pack) -> float:
    """Batches with one clock reading each, every commit on the disk (SQLite, synchronous=FULL)."""
    store = open_store(f"sqlite:///{folder / 'embedded.sqlite'}", Vault.throwaway())
    desk = open_desk(store, lambda _source, _at: pack, place="bench", salts=random_salts)
    intake = Intake(desk)
    started = time.perf_counter()
    for batch in batches(lines):
        now: Instant = time.time_ns() // 1000
        inputs = [Input(f"bench:{number}", raw) for number, raw in enumerate(batch)]
        intake.take(inputs, lambda _event, now=now: now, pass_time=lambda _now: None)  # type: ignore[misc]
        desk.advance(now, at=now)
        desk.commit()
    taken = time.perf_counter() - started
    store.close()
    return taken


def measure(name: str, run: Callable[[Path], float], count: int, repeats: int) -> float:
    """Return the best of several runs in events per second, each in a fresh folder."""
    best = 0.0
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as folder:
            best = max(best, count / run(Path(folder)))
    print(f"{name:<44}{best:>10,.0f} events/s", flush=True)
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bookings", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--pack", default="lansing-eo-2017-01")
    arguments = parser.parse_args()
    pack = load(arguments.pack)
    tune_collector()
    lines = list(feed(arguments.bookings))
    count = len(lines)
    print(f"{count:,} events of {arguments.bookings:,} bookings, batches of {BATCH}; best of {arguments.repeats}")
    scratch_floor = measure("floor, not durable", lambda f: floor(lines, f, durable=False), count, arguments.repeats)
    replay_rate = measure("replay", lambda f: replayed(lines, f, pack), count, arguments.repeats)
    durable_floor = measure("floor, durable", lambda f: floor(lines, f, durable=True), count, arguments.repeats)
    embedded_rate = measure("embedded, durable", lambda f: embedded(lines, f, pack), count, arguments.repeats)
    print(f"replay / floor    {replay_rate / scratch_floor:.2f}")
    print(f"embedded / floor  {embedded_rate / durable_floor:.2f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak resident memory {peak:,.0f} MB, the feed included")


if __name__ == "__main__":
    main()
