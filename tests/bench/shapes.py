"""What the shape of the input costs: long bookings, and thousands of deadlines that come at one instant."""

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from integration.bootstrap import open_desk, open_store
from integration.runners.memory import tune_collector
from integration.runners.replay import replay
from integration.services.intake import Input
from integration.services.recorder import salts_of_content
from integration.store.vault import Vault
from tests.bench.desks import PACK, Served
from tests.bench.feed import event
from tests.bench.section import Options, Section, main, rate, table, tell, timed

START = datetime(2026, 1, 1, tzinfo=UTC)


def lives(bookings: int, each: int) -> Iterator[bytes]:
    """Bookings of so many events, in step: opened, then charges that are placed and lifted in turn."""
    number = 0
    for step in range(each):
        for booking in range(bookings):
            at = START + timedelta(minutes=step, milliseconds=booking)
            number += 1
            if step == 0:
                yield event(number, booking, "booking.opened", at, {})
            elif step % 2:
                yield event(number, booking, "hold.placed", at, {"hold_id": f"h{step}", "kind": "charge"})
            else:
                yield event(number, booking, "hold.lifted", at, {"hold_id": f"h{step - 1}"})


def long_bookings(events: int, each: int) -> tuple[float, float, float]:
    """Return events per second of a replay, of the service with batches of 1,000, and of one event a batch."""
    lines = list(lives(events // each, each))
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'replay.sqlite'}", Vault.throwaway(), durable=False)
        desk = open_desk(store, lambda _source, _at: PACK, place="bench", salts=salts_of_content)
        with timed() as replaying:
            replay((Input("bench", raw) for raw in lines), desk)
        store.close()
    with tempfile.TemporaryDirectory() as folder, Served(Path(folder)) as served:
        batched = served.take(lines)
    with tempfile.TemporaryDirectory() as folder, Served(Path(folder)) as served:
        last = len(lines) // 20  # enough to tell, when each event waits for the disk
        served.take(lines[:-last])
        singly = served.take(lines[-last:], batch=1)
    return len(lines) / replaying.wall, len(lines) / batched.wall, last / singly.wall


def due_together(bookings: int) -> tuple[float, float]:
    """Let so many people's release time come at one instant; returns seconds until all is committed, and a rate."""
    now = datetime.now(UTC)
    lines = []
    for booking in range(bookings):
        at = now - timedelta(days=1, milliseconds=booking)
        stays = {"due_at": (now + timedelta(hours=1)).isoformat(), "reason": "sentence_served"}
        lines += [
            event(4 * booking, booking, "booking.opened", at, {}),
            event(4 * booking + 1, booking, "hold.placed", at, {"hold_id": "h", "kind": "charge"}),
            event(4 * booking + 2, booking, "hold.placed", at, {"hold_id": "d", "kind": "immigration_detainer"}),
            event(4 * booking + 3, booking, "release.due", at, stays),
        ]
    with tempfile.TemporaryDirectory() as folder, Served(Path(folder)) as served:
        served.take(lines)
        before = served.desk.size
        instant = int((now + timedelta(hours=1)).timestamp() * 1_000_000) + 1
        with timed() as spent:
            served.desk.advance(instant, at=instant)
            served.desk.commit()
        if (told := served.desk.size - before) < 2 * bookings:
            raise RuntimeError(f"{bookings} deadlines came, and only {told} changes were told")
    return spent.wall, bookings / spent.wall


def measure(options: Options) -> Section:
    tune_collector()
    lengths, events = ((5, 50), 2_000) if options.quick else ((5, 50, 500), 30_000)
    counts = (100, 500) if options.quick else (500, 10_000, 100_000)
    rows = []
    figures = {}
    for each in lengths:
        tell(f"{each} events a booking")
        rates = long_bookings(events, each)
        rows.append((f"{each}", *map(rate, rates)))
        figures[f"replay_{each}_a_booking"] = rates[0]
    long = table(
        ("events a booking", "replay, events/s", "embedded, batches of 1,000, events/s", "one event a batch, events/s"),
        rows,
    )
    at_once = []
    for count in counts:
        tell(f"{count:,} deadlines at one instant")
        seconds, per_second = due_together(count)
        at_once.append((f"{count:,}", f"{seconds:.2f}", rate(per_second)))
    together = table(("deadlines at one instant", "seconds until all are committed", "deadlines/s"), at_once)
    words = (
        f"{events:,} events each time. A booking is assessed anew from all its facts at each of its events"
        " ([ADR 0001](adr/0001-a-booking-is-a-set-of-facts.md)), so a longer one costs more; in the service"
        " once a batch. The last column waits for the disk at every event; it is the end of the bookings' lives."
    )
    text = f"{words}\n\n{long}\n\nPeople whose release time comes at one instant, each with a detainer:\n\n{together}"
    return Section("Long bookings, and deadlines at one instant", text, figures)


if __name__ == "__main__":
    main(measure, __doc__)
