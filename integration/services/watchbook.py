"""The watchdog's open alerts, and what each channel has been told of them: pure, kept over a restart.

Two clocks: ``steady`` seconds decide when something is due (they only go forward), instants are for people to read.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from integration.domain.instants import Instant
from integration.services.vitals import Detail, Judgement, Part, Symptom, Trouble

_HOUR: Final = 3600.0
_DAY: Final = 24 * _HOUR
_CHANGE_GAP: Final = 20.0
"""Seconds that a channel is left alone after a notice, even if an alert has become another one meanwhile."""
_FIRST_WAIT: Final = 15.0
_LONGEST_WAIT: Final = 300.0
"""Seconds until a channel that took nothing is tried again, doubling from the first to the longest."""
_DOUBLINGS: Final = 6


@dataclass(frozen=True, slots=True)
class Pace:
    """How often people are told. Seconds."""

    repeat: float = 900.0
    settle: float = 30.0
    """How long a trouble must stay away to be over; doubled each time that it comes back within an hour."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One trouble from its first sight until it is over."""

    id: str
    part: Part
    about: str
    trouble: Trouble
    opened_at: Instant
    since: Instant | None
    detail: Detail
    came_back: int = 0
    gone_for_good_at: float | None = None
    """When it will count as over, unless it is seen again."""
    over_at: Instant | None = None
    over_steady: float = 0.0

    @property
    def key(self) -> tuple[Part, str]:
        """See `Symptom.key`."""
        return self.part, self.about


class Stage(StrEnum):
    """What a notice says of an alert."""

    NEW = "new"
    CHANGED = "changed"
    REPEATED = "repeated"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Heard:
    """What a channel was last told of an alert."""

    trouble: Trouble
    over: bool
    steady: float
    times: int


@dataclass(frozen=True, slots=True)
class Line:
    """One channel's memory."""

    heard: Mapping[str, Heard] = field(default_factory=dict)
    """By alert id."""
    failures: int = 0
    """In a row."""
    failing_since: Instant | None = None
    why: str = ""
    next_try: float = 0.0


@dataclass(frozen=True, slots=True)
class Book:
    """Everything that must not be forgotten."""

    alerts: tuple[Alert, ...] = ()
    """Open ones, and those that were over within the last day."""
    lines: Mapping[str, Line] = field(default_factory=dict)
    """By channel name."""

    @property
    def open(self) -> tuple[Alert, ...]:
        """Alerts that are not over."""
        return tuple(alert for alert in self.alerts if alert.over_at is None)

    @property
    def failing(self) -> dict[str, Instant]:
        """Channels that take nothing at present, with since when."""
        return {name: line.failing_since for name, line in self.lines.items() if line.failing_since is not None}


Due = tuple[tuple[Alert, Stage], ...]


def look_up(book: Book, judgement: Judgement, pace: Pace, *, steady: float, now: Instant) -> Book:
    """Return the book after a look: alerts opened, changed and over."""
    seen = {symptom.key: symptom for symptom in judgement.symptoms}
    alerts = [
        _after(alert, seen.get(alert.key), pace, known=alert.part not in judgement.unknown, steady=steady, now=now)
        for alert in book.alerts
    ]
    open_keys = {alert.key for alert in alerts if alert.over_at is None}
    alerts += [_opened(book, symptom, steady, now) for key, symptom in seen.items() if key not in open_keys]
    kept = tuple(alert for alert in alerts if alert.over_at is None or steady - alert.over_steady < _DAY)
    ids = {alert.id for alert in kept}
    lines = {
        name: replace(line, heard={key: heard for key, heard in line.heard.items() if key in ids})
        for name, line in book.lines.items()
    }
    return Book(kept, lines)


def _opened(book: Book, symptom: Symptom, steady: float, now: Instant) -> Alert:
    part, about = symptom.key
    name = hashlib.sha256(f"{part}|{about}|{now}".encode()).hexdigest()[:16]
    before = [alert for alert in book.alerts if alert.key == symptom.key and steady - alert.over_steady < _HOUR]
    came_back = max((alert.came_back for alert in before), default=-1) + 1
    return Alert(name, part, about, symptom.trouble, now, symptom.since, symptom.detail, came_back)


def _after(alert: Alert, symptom: Symptom | None, pace: Pace, *, known: bool, steady: float, now: Instant) -> Alert:
    if alert.over_at is not None:
        return alert
    if symptom is not None:
        same = symptom.trouble is alert.trouble
        # Of one trouble, the first instant counts: it is not worked out anew from each look.
        since = alert.since if same else symptom.since
        return replace(alert, trouble=symptom.trouble, since=since, detail=symptom.detail, gone_for_good_at=None)
    if not known:
        return replace(alert, gone_for_good_at=None)
    if alert.gone_for_good_at is None:
        wait = pace.settle * 2 ** min(alert.came_back, _DOUBLINGS)
        return replace(alert, gone_for_good_at=steady + wait)
    if steady >= alert.gone_for_good_at:
        return replace(alert, over_at=now, over_steady=steady)
    return alert


def due(book: Book, channel: str, pace: Pace, *, steady: float) -> Due:
    """Return what a channel has to be told now; nothing while it is given time to recover."""
    line = book.lines.get(channel, Line())
    if steady < line.next_try:
        return ()
    return tuple(
        (alert, stage)
        for alert in book.alerts
        if (stage := _stage(alert, line.heard.get(alert.id), pace, steady)) is not None
    )


def _stage(alert: Alert, heard: Heard | None, pace: Pace, steady: float) -> Stage | None:
    if alert.over_at is not None:
        return None if heard is not None and heard.over else Stage.OVER
    if heard is None:
        return Stage.NEW
    if heard.trouble is not alert.trouble and steady - heard.steady >= min(pace.repeat, _CHANGE_GAP):
        return Stage.CHANGED
    return Stage.REPEATED if steady - heard.steady >= pace.repeat else None


def last_resort(book: Book, channel: str, others: Iterable[str], pace: Pace, *, steady: float) -> Due:
    """Return what a last resort has to be told now: what every other channel was tried for and none has taken."""
    others, heard = list(others), book.lines.get(channel, Line()).heard
    alone = all(book.lines.get(name, Line()).failures for name in others)
    return tuple(
        (alert, stage)
        for alert, stage in due(book, channel, pace, steady=steady)
        # Whoever was told here that it began is told here that it is over.
        if (stage is Stage.OVER and alert.id in heard) or (alone and _unheard(book, others, alert))
    )


def _unheard(book: Book, others: Iterable[str], alert: Alert) -> bool:
    heard = (book.lines.get(name, Line()).heard.get(alert.id) for name in others)
    over = alert.over_at is not None
    return not any(each is not None and each.over == over and (over or each.trouble is alert.trouble) for each in heard)


def took(book: Book, channel: str, told: Due, *, steady: float) -> Book:
    """Return the book after a channel has taken a notice."""
    line = book.lines.get(channel, Line())
    heard = dict(line.heard)
    for alert, stage in told:
        before = heard.get(alert.id)
        heard[alert.id] = Heard(alert.trouble, stage is Stage.OVER, steady, before.times + 1 if before else 1)
    return replace(book, lines={**book.lines, channel: Line(heard)})


def failed(book: Book, channel: str, why: str, *, steady: float, now: Instant) -> Book:
    """Return the book after a channel has not taken a notice."""
    line = book.lines.get(channel, Line())
    wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(line.failures, _DOUBLINGS))
    since = now if line.failing_since is None else line.failing_since
    line = replace(line, failures=line.failures + 1, failing_since=since, why=why, next_try=steady + wait)
    return replace(book, lines={**book.lines, channel: line})


def notice_id(book: Book, channel: str, told: Due) -> str:
    """Return the id of a notice: after a crash in between, the same alerts at the same stages have the same id."""
    heard = book.lines.get(channel, Line()).heard
    return hashlib.sha256("\n".join([channel, *_marks(heard, told)]).encode()).hexdigest()[:32]


def _marks(heard: Mapping[str, Heard], told: Due) -> Iterator[str]:
    for alert, stage in told:
        times = heard[alert.id].times if alert.id in heard else 0
        yield f"{alert.id} {stage} {alert.trouble} {times}"
