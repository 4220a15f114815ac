"""How long a sender waits for a decision: from a message.requested to the committed entry that permits or blocks it.

Once one at a time, and once at 100 a second: those that arrived while the last batch was being committed make the
next batch, as in the service, and each is timed from the instant at which it was due to arrive.
"""

import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from integration.runners.memory import tune_collector
from tests.bench.desks import Served
from tests.bench.feed import event
from tests.bench.machine import sync_time
from tests.bench.section import Options, Section, main, milliseconds, quantile, table, tell

RECIPIENTS = (
    {"address": "clerk@court.example.org", "agency": "54-A District Court"},
    {"address": "officer@ice.dhs.gov", "agency": "ICE"},
)


def bookings(count: int, now: datetime) -> Iterator[bytes]:
    for booking in range(count):
        at = now - timedelta(days=1)
        yield event(2 * booking, booking, "booking.opened", at, {})
        yield event(2 * booking + 1, booking, "hold.placed", at, {"hold_id": "h", "kind": "charge"})


def request(number: int, known: int) -> bytes:
    """Ask to send a release time: to a court, which passes, or to ICE, which is blocked."""
    data: dict[str, Any] = {
        "message_id": f"M{number}",
        "channel": "smtp",
        "sender": {"user": "officer-7", "agency": "Example County Jail"},
        "recipients": [RECIPIENTS[number % 2]],
        "content": {"release_time": "2026-03-02 14:00"},
        "text": "The person will be released on 2 March at 2 pm.",
    }
    return event(10**6 + number, number % known, "message.requested", datetime.now(UTC), data)


def one_at_a_time(served: Served, first: int, count: int, known: int) -> list[float]:
    """Ask, wait for the commit, ask again; returns seconds of each."""
    taken = []
    for number in range(first, first + count):
        line = request(number, known)
        started = time.perf_counter()
        served.take_batch([line])
        taken.append(time.perf_counter() - started)
    return taken


def at_a_rate(served: Served, first: int, count: int, known: int, per_second: float) -> list[float]:
    """Ask at fixed instants, whatever happened to those before; returns seconds of each."""
    started = time.perf_counter()
    due = [started + number / per_second for number in range(count)]
    taken: list[float] = []
    while len(taken) < count:
        done = len(taken)
        time.sleep(max(0.0, due[done] - time.perf_counter()))
        now = time.perf_counter()
        arrived = [number for number in range(done, count) if due[number] <= now]
        served.take_batch([request(first + number, known) for number in arrived])
        now = time.perf_counter()
        taken += [now - due[number] for number in arrived]
    return taken


def measure(options: Options) -> Section:
    known, singly, steady = (100, 100, 100) if options.quick else (10_000, 3_000, 3_000)
    tune_collector()
    with tempfile.TemporaryDirectory() as folder, Served(Path(folder)) as served:
        served.take(bookings(known, datetime.now(UTC)))
        one_at_a_time(served, 0, singly // 10, known)  # warms up
        tell("one at a time")
        alone = one_at_a_time(served, singly, singly, known)
        tell("100 a second")
        at_100 = at_a_rate(served, 10 * singly, steady, known, 100)
    rows = [
        (name, *(milliseconds(quantile(taken, share)) for share in (0.5, 0.99)), milliseconds(max(taken)))
        for name, taken in (("one at a time", alone), ("100 a second", at_100))
    ]
    words = (
        f"{len(alone):,} and {len(at_100):,} requests about {known:,} bookings, every second one to an immigration"
        " authority (blocked), the others to a court (permitted); from the request's bytes to its decision on the disk."
        f" An append that is synced takes {milliseconds(sync_time())} ms by itself on this disk."
    )
    figures = {
        "decision_p50": quantile(alone, 0.5),
        "decision_p99": quantile(alone, 0.99),
        "decision_p99_at_100": quantile(at_100, 0.99),
    }
    shown = table(("requests", "p50, ms", "p99, ms", "slowest, ms"), rows)
    return Section("Decisions with a durable record", f"{words}\n\n{shown}", figures)


if __name__ == "__main__":
    main(measure, __doc__)
