"""From a booking's facts to a picture of its custody: bars, stretches without authority, ticks. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from integration.domain.custody import Hold, Standing, Timeline
from integration.domain.facts import Fact, Lifted, Placed, Served, Transferred, Verified
from integration.domain.instants import DAY, HOUR, MINUTE, NEVER, SECOND, Duration, Instant
from integration.domain.papers import HoldClass
from integration.services.plain import PAPERS

WIDTH: Final = 960
LEFT: Final = 190
_RIGHT: Final = 16
_ROW: Final = 30
_TOP: Final = 34
_LEAST: Final = 3.0
"""Pixels: what is shorter could not be seen."""
_STEPS: Final = (
    5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY,
    14 * DAY, 28 * DAY, 91 * DAY, 364 * DAY,
)  # fmt: skip
_MOST_MARKS: Final = 8
_YEARS: Final = 91 * DAY
"""Marks that are so far apart tell their year."""

SAYS: Final = {
    HoldClass.LOCAL: "local authority",
    HoldClass.JUDICIAL: "judicial warrant",
    HoldClass.OTHER_CRIMINAL: "another agency's criminal authority",
    HoldClass.IMMIGRATION: "immigration paper: gives no authority",
    HoldClass.REQUEST: "request to be told: holds nobody",
    HoldClass.NONE: "not a valid warrant: holds nobody",
}
"""What a paper may do."""
FACTS: Final = {
    "Opened": "booked", "Voided": "the booking was a mistake", "Moved": "moved to another number",
    "Retracted": "an earlier record never counted", "Placed": "paper or charge put on file",
    "Lifted": "paper taken off file", "Verified": "warrant confirmed with the court", "Due": "release time set",
    "Rescinded": "release time taken back", "Released": "released", "Transferred": "handed to another agency",
    "BailTurnedDown": "bail offered and refused", "Served": "person was given a copy of the paper",
    "StatusReceived": "immigration status information came with the record",
    "AccessAsked": "an agency asked to reach the person", "AssistanceAsked": "an agency asked for assistance",
    "MessageAsked": "somebody asked to send a message", "Approved": "a message was approved",
    "ApprovalTakenBack": "an approval was taken back",
}  # fmt: skip
"""Events in plain words."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of the picture, and of the table that says the same."""

    label: str
    css: str
    says: str
    start: Instant
    end: Instant
    """`NEVER` while none is known."""
    authority: tuple[Instant, Instant] | None
    """When it gives authority to keep the person."""
    x: float
    width: float
    y: int
    agency: str = ""
    filled: tuple[float, float] | None = None
    """Where it gives authority, as drawn: left edge and width. The rest of it is dotted."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Custody without authority."""

    start: Instant
    end: Instant
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Tick:
    """An event."""

    at: Instant
    event_id: str
    what: str
    x: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A time on the axis."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """The whole drawing."""

    bars: tuple[Bar, ...]
    stretches: tuple[Stretch, ...]
    ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]
    due_at: Instant | None
    due_x: float | None
    now_x: float | None
    height: int
    bottom: int
    start: Instant
    end: Instant
    """`NEVER` while the person is in custody."""
    custody: bool
    """Whether any is known. Where neither a booking nor a paper is on record there is no bar of it."""


@dataclass(frozen=True, slots=True)
class _Scale:
    low: Instant
    high: Instant
    now: Instant

    def x(self, at: Instant) -> float:
        inside = min(max(at, self.low), self.high)
        share = (inside - self.low) / (self.high - self.low)
        return round(LEFT + share * (WIDTH - LEFT - _RIGHT), 1)

    def span(self, start: Instant, end: Instant) -> tuple[float, float]:
        # What has no known end is drawn as far as it is known: until now.
        x = self.x(start)
        return x, round(max(_LEAST, self.x(self.now if end == NEVER else end) - x), 1)


def picture_of(facts: Sequence[Fact], timeline: Timeline, *, now: Instant, zone: ZoneInfo) -> Picture:
    """Draw a booking.

    Args:
        facts: those that count for it.
        timeline: made of the same facts.
        now: the current time.
        zone: the facility's, for the axis.
    """
    scale = _scale(facts, timeline, now)
    placed = {fact.id: fact for fact in Standing(facts).of(Placed)}
    holds = sorted(timeline.holds, key=lambda hold: (hold.start, hold.hold_id))
    known = timeline.opening_id is not None
    bars = [_custody(timeline, scale)] if known else []
    bars += [_hold(hold, placed[hold.placed_id], scale, row) for row, hold in enumerate(holds, len(bars))]
    names = {hold.hold_id: _name(hold, placed[hold.placed_id]) for hold in holds}
    bottom = _TOP + _ROW * len(bars)
    due = None if timeline.due is None else timeline.due.due_at
    return Picture(
        bars=tuple(bars),
        stretches=tuple(Stretch(start, end, *scale.span(start, end)) for start, end in timeline.stretches),
        ticks=tuple(_ticks(facts, names, scale)),
        marks=tuple(_marks(scale, zone)),
        due_at=due,
        due_x=None if due is None else scale.x(due),
        now_x=scale.x(now) if scale.low <= now <= scale.high else None,
        height=bottom + 46,
        bottom=bottom,
        start=timeline.start,
        end=timeline.end,
        custody=known,
    )


def _scale(facts: Sequence[Fact], timeline: Timeline, now: Instant) -> _Scale:
    known = [fact.time for fact in facts]
    known += [each for each in (timeline.start, timeline.end) if 0 < each < NEVER]
    known += [] if timeline.due is None else [timeline.due.due_at]
    if timeline.end == NEVER:
        known.append(now)
    low, high = min(known, default=now), max(known, default=now)
    room = max((high - low) // 25, 5 * MINUTE)
    return _Scale(low - room, high + room, now)


def _custody(timeline: Timeline, scale: _Scale) -> Bar:
    x, width = scale.span(timeline.start, timeline.end)
    return Bar("custody", "custody", "the person was here", timeline.start, timeline.end, None, x, width, _TOP)


def _name(hold: Hold, placed: Placed) -> str:
    kind = "warrant that is not valid" if hold.paper.kind is None else PAPERS[hold.paper.kind]
    return f"{placed.form} {kind}" if placed.form else kind


def _hold(hold: Hold, placed: Placed, scale: _Scale, row: int) -> Bar:
    x, width = scale.span(hold.start, max(hold.start, hold.end))
    since, until = hold.authority
    gives = since < until
    return Bar(
        label=_name(hold, placed),
        css=hold.paper.hold_class.value,
        says=_says(hold),
        start=hold.start,
        end=max(hold.start, hold.end),
        authority=hold.authority if gives else None,
        x=x,
        width=width,
        y=_TOP + _ROW * row,
        agency=placed.agency or placed.court or "",
        filled=scale.span(since, until) if gives else None,
    )


def _says(hold: Hold) -> str:
    says = SAYS[hold.paper.hold_class]
    if hold.end <= hold.start:
        # A release time that is earlier than a charge ends it before it began (rule 3); a paper may come expired.
        says += ", over before it began"
    elif hold.paper.hold_class is HoldClass.JUDICIAL and hold.authority[0] > hold.start:
        says += ": gives no authority until it is confirmed with the court"
    return f"{says}, not what its label says" if hold.paper.mislabelled else says


def _ticks(facts: Iterable[Fact], names: Mapping[str, str], scale: _Scale) -> Iterable[Tick]:
    for fact in sorted(facts, key=lambda each: (each.time, each.id)):
        yield Tick(fact.time, fact.id, _what(fact, names), scale.x(fact.time))


def _what(fact: Fact, names: Mapping[str, str]) -> str:
    told = FACTS[type(fact).__name__]
    match fact:
        case Placed() | Lifted() | Verified() | Served() if fact.hold_id in names:
            return f"{told}: {names[fact.hold_id]}"
        case Transferred(temporary=True):
            return f"{told} for a time"
    return told


def _marks(scale: _Scale, zone: ZoneInfo) -> Iterable[Mark]:
    """Yield whole hours or days of the facility's clock, a handful of them."""
    span = scale.high - scale.low
    step = next((each for each in _STEPS if span <= each * _MOST_MARKS), span // _MOST_MARKS)
    for at, clock in _times(scale.low, step, zone):
        if at > scale.high:
            return
        if at < scale.low:
            continue
        if step >= _YEARS:
            told = f"{clock:%Y-%m-%d}"
        else:
            told = f"{clock:%b %d}" if step >= DAY or clock.hour == clock.minute == 0 else f"{clock:%H:%M}"
        yield Mark(scale.x(at), told)


def _times(low: Instant, step: Duration, zone: ZoneInfo) -> Iterator[tuple[Instant, datetime]]:
    """Yield instants a step apart from the midnight before ``low``, each with what the clock showed."""
    local = datetime.fromtimestamp(low / SECOND, zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    first = int(midnight.timestamp() * SECOND)
    for count in range(-1, _MOST_MARKS * 40):
        # Within hours time itself is counted: the hour that autumn repeats is there twice, the one that spring leaves
        # out is not. Longer steps stay on the hour of the clock.
        by_clock = midnight + timedelta(microseconds=step * count)
        at = first + step * count if step <= HOUR else int(by_clock.timestamp() * SECOND)
        yield at, datetime.fromtimestamp(at / SECOND, zone)
