"""Events per second of replay and of the embedded service, as ratios to a floor measured in the same run.

The floor is what nobody can do without: the same batches parsed by the same pydantic models, hashed, and inserted as
raw rows through the same library into the same kind of database.
"""

import resource
import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
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
from tests.bench.section import Options, Section, Spent, in_batches, main, rate, table, tell, timed

BATCH = 1000


def floor(lines: list[bytes], folder: Path, *, durable: bool) -> Spent:
    """Parse, hash, insert; nothing else."""
    engine = open_engine(f"sqlite:///{folder / 'floor.sqlite'}", durable=durable)
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE TABLE raw (source TEXT, id TEXT, digest BLOB, body BLOB, PRIMARY KEY (source, id))"
                " WITHOUT ROWID"
            )
        )
    with timed() as spent:
        for batch in in_batches(lines, BATCH):
            rows = []
            for raw in batch:
                event = EVENTS.validate_json(raw)
                rows.append((event.source, event.id, sha256(raw).digest(), raw))
            with engine.begin() as connection:
                connection.exec_driver_sql("INSERT INTO raw VALUES (?, ?, ?, ?)", rows)
    engine.dispose()
    return spent


def replayed(lines: list[bytes], folder: Path, pack: Pack) -> Spent:
    """Replay in simulated time into a scratch database."""
    store = open_store(f"sqlite:///{folder / 'replay.sqlite'}", Vault.throwaway(), durable=False)
    desk = open_desk(store, lambda _source, _at: pack, place="bench", salts=salts_of_content)
    with timed() as spent:
        replay((Input(f"bench:{number}", raw) for number, raw in enumerate(lines, start=1)), desk)
    store.close()
    return spent


def embedded(lines: list[bytes], folder: Path, pack: Pack) -> Spent:
    """Batches with one clock reading each, every commit on the disk (SQLite, synchronous=FULL)."""
    store = open_store(f"sqlite:///{folder / 'embedded.sqlite'}", Vault.throwaway())
    desk = open_desk(store, lambda _source, _at: pack, place="bench", salts=random_salts)
    intake = Intake(desk)
    with timed() as spent:
        for batch in in_batches(lines, BATCH):
            now: Instant = time.time_ns() // 1000
            inputs = [Input(f"bench:{number}", raw) for number, raw in enumerate(batch)]
            intake.take(inputs, lambda _event, now=now: now, pass_time=lambda _now: None)  # type: ignore[misc]
            desk.advance(now, at=now)
            desk.commit()
    store.close()
    return spent


def measure(options: Options) -> Section:
    bookings, repeats = (400, 1) if options.quick else (10_000, 4)
    pack = load("lansing-eo-2017-01")
    tune_collector()
    lines = list(feed(bookings))
    runs: dict[str, Callable[[Path], Spent]] = {
        "floor, in memory of the system": lambda folder: floor(lines, folder, durable=False),
        "replay": lambda folder: replayed(lines, folder, pack),
        "floor, every batch on the disk": lambda folder: floor(lines, folder, durable=True),
        "embedded, every batch on the disk": lambda folder: embedded(lines, folder, pack),
    }
    best = best_of(runs, repeats)
    loose, replaying, durable, serving = best.values()
    ratios = ("1", _ratio(loose, replaying), "1", _ratio(durable, serving))
    rows = [
        (name, rate(len(lines) / spent.wall), f"{1e6 * spent.cpu / len(lines):.1f}", ratio)
        for (name, spent), ratio in zip(best.items(), ratios, strict=True)
    ]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    words = (
        f"{len(lines):,} events of {bookings:,} bookings in batches of {BATCH:,}; the best of {repeats} runs, taken in"
        " turn. The floor only parses with the same models, hashes, and inserts raw rows through the same library."
        f" Peak memory {peak:,.0f} MB, the feed included."
    )
    shown = table(("", "events/s", "µs of processor an event", "of the floor"), rows)
    figures = {
        "replay_rate": len(lines) / replaying.wall,
        "embedded_rate": len(lines) / serving.wall,
        "replay_ratio": loose.wall / replaying.wall,
        "embedded_ratio": durable.wall / serving.wall,
    }
    return Section("Against the floor", f"{words}\n\n{shown}", figures)


def best_of(runs: dict[str, Callable[[Path], Spent]], repeats: int) -> dict[str, Spent]:
    """Take the runs in turn, each in a fresh folder, and keep the best times of each."""
    best: dict[str, Spent] = {}
    for turn in range(repeats):
        for name, run in runs.items():
            with tempfile.TemporaryDirectory() as folder:
                spent = run(Path(folder))
            known = best.setdefault(name, spent)
            known.wall, known.cpu = min(known.wall, spent.wall), min(known.cpu, spent.cpu)
        tell(f"run {turn + 1} of {repeats}")
    return best


def _ratio(floor_spent: Spent, spent: Spent) -> str:
    return f"{floor_spent.wall / spent.wall:.3f}"


if __name__ == "__main__":
    main(measure, __doc__)
