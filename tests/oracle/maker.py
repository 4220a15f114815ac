"""One feed of one facility, and the dice: the times, ids and booking numbers of random histories.

A feed draws few instants, and others at exactly an allowance's distance from them, so that ties, touching intervals
and boundaries are common.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

Event = dict[str, Any]

GRID = timedelta(minutes=15)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
ALLOWANCES = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24), timedelta(minutes=30))
FIRST = datetime(1970, 1, 1, tzinfo=UTC)
LAST = datetime(2199, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
"""The earliest and the latest time that an event may carry (section 1)."""


@dataclass(frozen=True)
class Era:
    """When a history plays, and in which zones its times are written."""

    name: str
    start: datetime
    steps: int
    """How many quarters of an hour its first instants are drawn from."""
    zones: tuple[tzinfo, ...]


FIXED = (
    UTC,
    timezone(timedelta(hours=-5)),
    timezone(timedelta(hours=-4)),
    timezone(timedelta(hours=5, minutes=30)),
)
DETROIT = (ZoneInfo("America/Detroit"), ZoneInfo("America/Detroit"), UTC)
PLAIN = Era("three days in March", datetime(2025, 3, 8, tzinfo=UTC), 3 * 24 * 4, FIXED)
ERAS: tuple[tuple[int, Era], ...] = (
    (10, PLAIN),
    (3, Era("clocks go forward", datetime(2025, 3, 9, 4, tzinfo=UTC), 6 * 4, DETROIT)),
    (3, Era("clocks go back", datetime(2025, 11, 2, 3, tzinfo=UTC), 6 * 4, DETROIT)),
    (2, Era("the first day there is", FIRST, 24 * 4, FIXED)),
    (2, Era("the last day there is", LAST - DAY, 24 * 4 + 1, FIXED)),
    (1, Era("leap day", datetime(2024, 2, 28, 18, tzinfo=UTC), 30 * 4, FIXED)),
)


@dataclass
class Maker:
    """Makes up the events of one feed."""

    dice: random.Random
    source: str
    pool: list[datetime]
    ids: Sequence[str] = ()
    """The ids of its events in the order in which they are made up; e1, e2, … where there are none."""
    era: Era = PLAIN
    careless: float = 0.0
    """Share of all events that carry a field that must not be kept; where it is not 0, nulls are sent, too."""
    events: list[Event] = field(default_factory=list)
    ranks: dict[str, int] = field(default_factory=dict)
    """Booking numbers in an order; moves that only go up never make a circle."""

    def chance(self, share: float) -> bool:
        return self.dice.random() < share

    def some_time(self) -> datetime:
        return self.dice.choice(self.pool)

    def near(self, at: datetime) -> datetime:
        """At it, mostly; else a microsecond or an allowance beside it."""
        aside = self.dice.choice((timedelta(0), timedelta(0), timedelta(0), TICK, -TICK, *ALLOWANCES))
        return clamped(at + aside)

    def id_of(self, number: int) -> str:
        """The id of the event made up as the so many-th, from 1; it may be one to come."""
        return self.ids[(number - 1) % len(self.ids)] if self.ids else f"e{number}"

    def next_id(self) -> str:
        return self.id_of(len(self.events) + 1)

    def text(self, at: datetime) -> str:
        """The same instant in one of several spellings."""
        zone = self.dice.choice(self.era.zones)
        text = clamped(at).astimezone(zone).isoformat(timespec=self.dice.choice(("auto", "microseconds")))
        return text.replace("+00:00", "Z") if self.dice.random() < 0.5 else text

    def add(self, kind: str, subject: str, at: datetime | None = None, /, **data: Any) -> Event:
        """One event; now and then it is recorded later than it happened, or carries a forbidden field."""
        at = clamped(at or self.some_time())
        event: Event = {
            "specversion": "1.0",
            "id": self.next_id(),
            "source": self.source,
            "type": f"jail.{kind}.v1",
            "subject": subject,
            "time": self.text(at),
            "data": data,
        }
        if self.dice.random() < 0.4:
            late = self.dice.choice((timedelta(0), GRID, *ALLOWANCES))
            event["recordedtime"] = self.text(at + late)
        if self.careless and self.chance(0.2):
            data |= {name: None for name in OPTIONAL.get(kind, ()) if name not in data and self.chance(0.5)}
            event.setdefault("recordedtime", None)
        if self.careless and self.chance(self.careless):
            data[self.dice.choice(CARELESS)] = self.dice.choice(("XX", None, 7, ["XX"], {"code": "XX"}))
        self.events.append(event)
        return event

    def of_type(self, kind: str, subject: str | None = None) -> list[Event]:
        wanted = f"jail.{kind}.v1"
        return [e for e in self.events if e["type"] == wanted and subject in {None, e["subject"]}]


OPTIONAL = {
    "booking.opened": ("person", "arrested_at", "booked_by", "basis", "identification"),
    "booking.voided": ("reason",),
    "hold.placed": ("expires_at", "document", "issuer", "charge", "reasons"),
    "hold.lifted": ("reason",),
    "warrant.verified": ("document_sha256",),
    "bail.set": ("amount",),
    "bail.posted": ("amount", "covers_all"),
    "bail.refused": ("refused_by", "reason"),
    "release.rescinded": ("reason",),
    "release.completed": ("released_to", "reason"),
    "custody.transferred": ("warrant_hold_id",),
    "notice.served": ("language",),
}
"""What may be left out, and is then sometimes sent as null."""
CARELESS = ("citizenship", "Nationality", "Place-Of_Birth", "alienNumber", "A_Number", "COUNTRY OF BIRTH")
"""Names of forbidden fields, as careless systems write them."""


def clamped(at: datetime) -> datetime:
    return min(max(at, FIRST), LAST)


def instants(dice: random.Random, era: Era = PLAIN) -> list[datetime]:
    """A few instants of the grid, others at an allowance's distance, and now and then a microsecond less."""
    few = [era.start + GRID * dice.randrange(era.steps) for _ in range(6)]
    pool = list(few)
    for at in few:
        pool.append(at + dice.choice(ALLOWANCES))
        if dice.random() < 0.3:
            pool.append(at + GRID)
        if dice.random() < 0.1:
            pool.append(at + dice.choice(ALLOWANCES) - TICK)
    return [clamped(at) for at in pool]


def many_ids(dice: random.Random, style: str) -> list[str]:
    """Ids whose order is not the order in which they are used: ties go to the greatest id, letter by letter."""
    numbers = list(range(1, 400))
    if style == "shuffled":
        dice.shuffle(numbers)
        return [f"e{number}" for number in numbers]
    letters = ("E", "e", "é", "Z", "_", "-", "0", "\U0001f511")
    return [f"{dice.choice(letters)}{dice.choice(letters)}{number % 7}-{number}" for number in numbers]
