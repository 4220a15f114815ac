"""Does it stay as fast, and as small, with a million people in custody; and is a finding raised in time?

First many bookings are opened and stay open, each with a deadline far ahead. Then the rate of further events on
random ones of them is measured, with durable commits. At the end a deadline comes due among all the others, and the
time from its instant to the committed finding is taken.
"""

import multiprocessing
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

from integration.domain.instants import SECOND
from integration.runners.memory import tune_collector
from tests.bench.desks import Served
from tests.bench.feed import event
from tests.bench.section import Options, Section, main, milliseconds, rate, table, tell


def openings(bookings: int, now: datetime, *, due: bool = True) -> Iterator[bytes]:
    """Open bookings that stay open, with a charge, and where asked with a release due in days: one deadline each."""
    for booking in range(bookings):
        at = now - timedelta(days=2, seconds=booking % 80_000)
        yield event(booking * 3, booking, "booking.opened", at, {})
        yield event(booking * 3 + 1, booking, "hold.placed", at, {"hold_id": "h1", "kind": "charge"})
        if due:
            stays = {
                "due_at": (now + timedelta(days=2, seconds=booking % 500_000)).isoformat(),
                "reason": "sentence_served",
            }
            yield event(booking * 3 + 2, booking, "release.due", at + timedelta(hours=1), stays)


def further(first: int, count: int, bookings: int, now: datetime) -> Iterator[bytes]:
    """More events on random bookings: papers, corrections, notices."""
    chance = random.Random(7)
    for number in range(first, first + count):
        kind, data = chance.choice(
            [
                ("hold.placed", {"hold_id": f"c{number}", "kind": "charge"}),
                ("hold.placed", {"hold_id": f"d{number}", "kind": "immigration_detainer"}),
                ("notice.served", {"hold_id": "d1", "served_by": "officer-7"}),
                ("bail.set", {"amount": 500}),
            ]
        )
        yield event(number, chance.randrange(bookings), kind, now - timedelta(minutes=chance.randrange(600)), data)


def held(bookings: int, count: int, *, due: bool = True) -> dict[str, float]:
    """Measure one size, in a process of its own: its peak memory is the process's."""
    tune_collector()
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder, Served(Path(folder)) as served:
        opened = served.take(openings(bookings, now, due=due))
        taken = served.take(list(further(3 * bookings, count, bookings, now)))
        late = raised_after(served, bookings, now)
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
    return {
        "opened": (3 if due else 2) * bookings / opened.wall,
        "then": count / taken.wall,
        "cpu": 1e6 * taken.cpu / count,
        "late": late,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "file": size / 2**20,
    }


def raised_after(served: Served, bookings: int, now: datetime) -> float:
    """Let one person's release time come in two seconds, and wait for the finding; returns seconds of delay."""
    due = datetime.now(UTC) + timedelta(seconds=2)
    number = 10**9
    served.take_batch(
        [
            event(number, bookings + 1, "booking.opened", now, {}),
            event(number + 1, bookings + 1, "hold.placed", now, {"hold_id": "h", "kind": "charge"}),
            event(number + 2, bookings + 1, "hold.placed", now, {"hold_id": "d", "kind": "immigration_detainer"}),
            event(number + 3, bookings + 1, "release.due", now, {"due_at": due.isoformat(), "reason": "other"}),
        ]
    )
    desk, before = served.desk, served.desk.size
    while desk.size == before:
        reading = time.time_ns() // 1000
        time.sleep(max(0.0, min(0.25, (desk.next_deadline() - reading) / SECOND)))
        reading = time.time_ns() // 1000
        desk.advance(reading, at=reading)
        desk.commit()
    return (datetime.now(UTC) - due).total_seconds()


def measure(options: Options) -> Section:
    sizes, count = ((300, 1000), 500) if options.quick else ((10_000, 100_000, 1_000_000), 30_000)
    found = {(size, True): alone(size, count, due=True) for size in sizes}
    found[sizes[1], False] = alone(sizes[1], count, due=False)
    rows = [
        (
            f"{size:,}" + ("" if due else ", none with a deadline"),
            rate(figures["opened"]),
            rate(figures["then"]),
            f"{figures['cpu']:.0f}",
            milliseconds(figures["late"]),
            f"{figures['peak']:,.0f}",
            f"{figures['file']:,.0f}",
        )
        for (size, due), figures in found.items()
    ]
    words = (
        f"Bookings are opened and stay open, each with a release that comes due in days; then {count:,} events on"
        " random ones of them, in batches of 1,000, every commit on the disk. *Raised after*: from a release time to"
        " its committed finding. *Peak* is the resident memory of the whole process."
    )
    headings = (
        "open bookings",
        "opened, events/s",
        "then, events/s",
        "µs of processor an event",
        "raised after, ms",
        "peak, MB",
        "database, MB",
    )
    most = found[sizes[-1], True]
    figures = {f"{name}_with_most_bookings": most[name] for name in ("then", "late", "peak")}
    return Section("Open bookings and deadlines", f"{words}\n\n{table(headings, rows)}", figures)


def alone(size: int, count: int, *, due: bool) -> dict[str, float]:
    tell(f"{size:,} bookings")
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(held, size, count, due=due).result()


if __name__ == "__main__":
    main(measure, __doc__)
