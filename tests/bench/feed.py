"""A plain feed for benchmarks: lives of bookings, interleaved by time, one JSON line an event."""

import heapq
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

START = datetime(2026, 1, 1, tzinfo=UTC)

Life = Iterator[tuple[datetime, int, dict[str, Any]]]


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


def life(number: int, every: float, chance: random.Random) -> list[tuple[datetime, str, dict[str, Any]]]:
    """One booking: opened, charged, bailed, due, released; one in a hundred with a detainer."""
    opened = START + timedelta(seconds=number * every)
    stay = chance.expovariate(1 / (3 * 86400)) + 30_000
    due = opened + timedelta(seconds=stay)
    left = due + timedelta(seconds=chance.lognormvariate(9.2, 0.7))
    charge = {"hold_id": "h1", "kind": "charge", "charge": {"code": "750.81", "description": "ASSAULT"}}
    events = [
        (opened, "booking.opened", {"person": {"person_id": f"P{number}"}, "booked_by": "officer-7"}),
        (opened + timedelta(seconds=60), "hold.placed", charge),
        (opened + timedelta(seconds=20_000), "bail.set", {"amount": 500}),
        (due, "release.due", {"due_at": (due + timedelta(seconds=600)).isoformat(), "reason": "own_recognizance"}),
        (left, "release.completed", {"released_to": "self"}),
    ]
    if number % 100 == 0:
        paper = {
            "hold_id": "d1",
            "kind": "immigration_detainer",
            "document": {"form": "I-247A"},
            "issuer": {"agency": "ICE"},
        }
        events.append((opened + timedelta(seconds=7200), "hold.placed", paper))
    return sorted(events, key=lambda event: event[0])


def feed(bookings: int, *, every: float = 30.0, seed: int = 1) -> Iterator[bytes]:
    """Yield the events of many bookings in the order of their times."""
    chance = random.Random(seed)
    waiting: list[tuple[datetime, int, str, dict[str, Any]]] = []
    sent = 0
    for number in range(bookings + 1):
        until = START + timedelta(seconds=number * every) if number < bookings else datetime.max.replace(tzinfo=UTC)
        while waiting and waiting[0][0] < until:
            at, booking, kind, data = heapq.heappop(waiting)
            sent += 1
            yield event(sent, booking, kind, at, data)
        if number < bookings:
            for at, kind, data in life(number, every, chance):
                heapq.heappush(waiting, (at, number, kind, data))
