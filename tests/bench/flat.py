"""Does it stay as fast, and as small, with a million people in custody; and is a finding raised in time?

First many bookings are opened and stay open, each with a deadline far ahead. Then the rate of further events on
random ones of them is measured, with durable commits. At the end a deadline comes due among all the others, and the
time from its instant to the committed finding is taken. Run with ``make bench``.
"""

import argparse
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from integration.bootstrap import open_desk, open_store
from integration.domain.instants import SECOND
from integration.policy.pack import load
from integration.runners.memory import tune_collector
from integration.services.intake import Input, Intake
from integration.store.vault import Vault

BATCH = 1000


def event(number: int, booking: int, kind: str, at: datetime, data: dict[str, Any]) -> bytes:
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": f"E{number:010d}",
            "source": "/jms/bench",
            "type": f"jail.{kind}.v1",
            "subject": f"B{booking:08d}",
            "time": at.isoformat(),
            "data": data,
        }
    )


def openings(bookings: int, now: datetime) -> Iterator[bytes]:
    """Open bookings that stay open, with a charge and a release due in days: one deadline each."""
    for booking in range(bookings):
        at = now - timedelta(days=2, seconds=booking % 80_000)
        due = now + timedelta(days=2, seconds=booking % 500_000)
        charge = {"hold_id": "h1", "kind": "charge"}
        yield event(booking * 3, booking, "booking.opened", at, {})
        yield event(booking * 3 + 1, booking, "hold.placed", at, charge)
        stays = {"due_at": due.isoformat(), "reason": "sentence_served"}
        yield event(booking * 3 + 2, booking, "release.due", at + timedelta(hours=1), stays)


def further(first: int, count: int, bookings: int, now: datetime) -> Iterator[bytes]:
    """More events on random bookings: papers, corrections, notices."""
    chance = random.Random(7)
    for number in range(first, first + count):
        booking = chance.randrange(bookings)
        kind, data = chance.choice(
            [
                ("hold.placed", {"hold_id": f"c{number}", "kind": "charge"}),
                ("hold.placed", {"hold_id": f"d{number}", "kind": "immigration_detainer"}),
                ("notice.served", {"hold_id": "d1", "served_by": "officer-7"}),
                ("bail.set", {"amount": 500}),
            ]
        )
        yield event(number, booking, kind, now - timedelta(minutes=chance.randrange(600)), data)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bookings", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--events", type=int, default=30_000)
    arguments = parser.parse_args()
    pack = load("lansing-eo-2017-01")
    tune_collector()
    for bookings in arguments.bookings:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), bookings, arguments.events, pack)


def measure(folder: Path, bookings: int, count: int, pack: Any) -> None:
    store = open_store(f"sqlite:///{folder / 'flat.sqlite'}", Vault.throwaway())
    desk = open_desk(store, lambda _source, _at: pack, place="bench")
    intake = Intake(desk)
    now = datetime.now(UTC)

    def take(lines: Iterator[bytes]) -> float:
        started = time.perf_counter()
        while batch := list(islice(lines, BATCH)):
            instant = time.time_ns() // 1000
            intake.take([Input("bench", raw) for raw in batch], lambda _event: instant, pass_time=lambda _now: None)  # noqa: B023
            desk.advance(instant, at=instant)
            desk.commit()
        return time.perf_counter() - started

    opened = take(openings(bookings, now))
    prepared = list(further(3 * bookings, count, bookings, now))
    taken = take(iter(prepared))
    late = raised_after(intake, desk, bookings, now)
    print(
        f"{bookings:>9,} open bookings: opened at {3 * bookings / opened:,.0f} events/s, "
        f"then {count / taken:,.0f} events/s; raised {late:.3f} s after its instant; "
        f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB",
        flush=True,
    )
    store.close()


def raised_after(intake: Intake, desk: Any, bookings: int, now: datetime) -> float:
    """Let one person's release time come in two seconds, and wait for the finding; returns seconds of delay."""
    due = datetime.now(UTC) + timedelta(seconds=2)
    number = 10**9
    lines = [
        event(number, bookings + 1, "booking.opened", now, {}),
        event(number + 1, bookings + 1, "hold.placed", now, {"hold_id": "h", "kind": "charge"}),
        event(number + 2, bookings + 1, "hold.placed", now, {"hold_id": "d", "kind": "immigration_detainer"}),
        event(number + 3, bookings + 1, "release.due", now, {"due_at": due.isoformat(), "reason": "other"}),
    ]
    instant = time.time_ns() // 1000
    intake.take([Input("bench", raw) for raw in lines], lambda _event: instant, pass_time=lambda _now: None)
    before = desk.size
    while desk.size == before:
        reading = time.time_ns() // 1000
        time.sleep(max(0.0, min(0.25, (desk.next_deadline() - reading) / SECOND)))
        reading = time.time_ns() // 1000
        desk.advance(reading, at=reading)
        desk.commit()
    return (datetime.now(UTC) - due).total_seconds()


if __name__ == "__main__":
    main()
