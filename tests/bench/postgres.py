"""Events per second of one worker over PostgreSQL with every commit on the disk, and where the time goes.

The batches of `feed`, parsed, assessed and committed by the same desk, once as the embedded service does it
(entries straight into the log) and once as a worker does it (entries for the sequencer, positions, looking again).
Run with ``python -m tests.bench.postgres``.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from integration.bootstrap import open_desk, open_store
from integration.policy.pack import Pack, load
from integration.runners.memory import tune_collector
from integration.services.desk import Desk
from integration.services.intake import Input, Intake
from integration.services.ports import Changes, PositionRow
from integration.services.recorder import Appender
from integration.services.sequencer import Sequencer
from integration.store.sequencing import SqlSequencing
from integration.store.sql_store import SqlStore
from integration.store.vault import Vault
from tests.bench.feed import feed
from tests.store.postgres import DURABLE, Server


def batches(lines: list[bytes], size: int) -> Iterator[list[bytes]]:
    for at in range(0, len(lines), size):
        yield lines[at : at + size]


READS = ("seen", "retractions_of", "retraction", "bookings", "deadlines_due", "is_refused")


class Clocked:
    """Seconds spent in parts of a store."""

    def __init__(self, store: SqlStore) -> None:
        self.reading = self.writing = self.syncing = 0.0
        for name in READS:
            setattr(store, name, self._timed(getattr(store, name), "reading"))
        store.commit = self._committing(store)  # type: ignore[method-assign]

    def _timed(self, call: Callable, part: str) -> Callable:
        def timed(*arguments: object) -> object:
            with self._adding(part):
                return call(*arguments)

        return timed

    def _committing(self, store: SqlStore) -> Callable[[Changes], None]:
        def commit(changes: Changes) -> None:
            with store.engine.connect() as connection:
                with self._adding("writing"):
                    store._write(connection, changes)
                with self._adding("syncing"):
                    connection.commit()

        return commit

    @contextmanager
    def _adding(self, part: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        setattr(self, part, getattr(self, part) + time.perf_counter() - started)


def server_seconds(server: Server) -> float:
    """Processor seconds of all processes of a server."""
    ticks = 0
    main = (server.folder / "data" / "postmaster.pid").read_text().split()[0]
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue  # It has just ended.
        if fields[1] == main:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / 100


def took(
    lines: list[bytes], server: Server, name: str, desk: Desk, store: SqlStore, *, worker: bool, batch: int
) -> None:
    clocked, intake, at = Clocked(store), Intake(desk), 0
    epoch = store.claim("bench", 0, "bench").epoch
    started, own, theirs = time.perf_counter(), time.process_time(), server_seconds(server)
    for part in batches(lines, batch):
        now = time.time_ns() // 1000
        inputs = [Input(f"bench:{number}", raw) for number, raw in enumerate(part, start=at)]
        rows = [PositionRow("bench", 0, epoch, at, at + len(part))] if worker else []
        intake.take(inputs, lambda _event, now=now: now, pass_time=lambda _now: None, positions=rows)  # type: ignore[misc]
        if not worker:
            desk.advance(now, at=now)
            desk.commit()
        at += len(part)
    taken = time.perf_counter() - started
    each = 1e6 / len(lines)
    print(
        f"{name:<28}{len(lines) / taken:>9,.0f} events/s; microseconds an event: {taken * each:.0f} = "
        f"own work {(taken - clocked.reading - clocked.writing - clocked.syncing) * each:.0f}, "
        f"reading {clocked.reading * each:.0f}, writing {clocked.writing * each:.0f}, "
        f"commit {clocked.syncing * each:.0f}; processor: own {(time.process_time() - own) * each:.0f}, "
        f"server {(server_seconds(server) - theirs) * each:.0f}",
        flush=True,
    )


def worker_desk(store: SqlStore, pack: Pack) -> Desk:
    return Desk(store, Appender(), lambda _source, _at: pack, place="bench", tell_refused=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bookings", type=int, default=10_000)
    parser.add_argument("--batch", type=int, default=1000)
    parser.add_argument("--pack", default="lansing-eo-2017-01")
    arguments = parser.parse_args()
    pack = load(arguments.pack)
    tune_collector()
    lines = list(feed(arguments.bookings))
    server = Server(DURABLE)
    try:
        print(f"{len(lines):,} events of {arguments.bookings:,} bookings, batches of {arguments.batch}")
        store = open_store(server.new_database(), Vault.throwaway())
        desk = open_desk(store, lambda _source, _at: pack, place="bench")
        took(lines, server, "embedded on PostgreSQL", desk, store, worker=False, batch=arguments.batch)
        store.close()
        store = open_store(server.new_database(), Vault.throwaway())
        desk = worker_desk(store, pack)
        took(lines, server, "worker", desk, store, worker=True, batch=arguments.batch)
        sequencing = SqlSequencing(store)
        sequencing.hold()
        started, theirs = time.perf_counter(), server_seconds(server)
        count = Sequencer(sequencing).sequence()
        taken = time.perf_counter() - started
        print(
            f"{'sequencer':<28}{count / taken:>9,.0f} entries/s; processor: server "
            f"{(server_seconds(server) - theirs) * 1e6 / count:.0f} microseconds an entry"
        )
        sequencing.release()
        store.close()
    finally:
        server.remove()


if __name__ == "__main__":
    main()
