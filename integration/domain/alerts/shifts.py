"""Who is on duty when: weekly patterns in a facility's local time, and what overrides them.

Local times become instants by one rule everywhere: in the repeated hour of the autumn change the earlier instant
(PEP 495, ``fold=0``), in the hour that spring skips the instant at which it is skipped. So a later local time is never
an earlier instant, and a shift that starts in the skipped hour starts when the clock goes on. Start of one shift and
end of the one before are the same local time, so they are the same instant: no gap and no overlap on either night.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

from integration.domain.instants import NEVER, SECOND, Instant

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shift:
    """Receivers that are on duty in [start, end)."""

    start: Instant
    end: Instant
    receivers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Weekly:
    """A shift of every week: local times; one that ends at or before its start ends on the next day."""

    days: frozenset[int]
    """On which it begins: 0 is Monday."""
    start: time
    end: time
    receivers: tuple[str, ...]


class Roster:
    """Who is on duty at every instant of the time that it was made for."""

    __slots__ = ("_starts", "_who")

    def __init__(self, shifts: Iterable[Shift], overrides: Iterable[Shift] = ()) -> None:
        """Lay shifts over each other: several at once are all on duty; an override stands in for all of them.

        Args:
            shifts: the pattern, in any order.
            overrides: what holds in its time whatever the pattern says; nobody's name in it is an empty shift. Where
                two overrides meet, both are on duty.
        """
        pattern = [each for each in shifts if each.start < each.end]
        special = [each for each in overrides if each.start < each.end]
        edges = sorted({edge for each in (*pattern, *special) for edge in (each.start, each.end)})
        self._starts: list[Instant] = []
        self._who: list[tuple[str, ...]] = []
        for edge in edges:
            who = _at(edge, special)
            if who is None:
                who = _at(edge, pattern) or ()
            if not self._who or self._who[-1] != who:
                self._starts.append(edge)
                self._who.append(who)

    def on_duty(self, at: Instant) -> tuple[str, ...]:
        """Return who is on duty, sorted; nobody before the first shift and after the last."""
        place = bisect_right(self._starts, at)
        return self._who[place - 1] if place else ()

    def next_change(self, after: Instant) -> Instant:
        """Return the first instant later than ``after`` at which somebody else is on duty."""
        place = bisect_right(self._starts, after)
        return self._starts[place] if place < len(self._starts) else NEVER


def _at(instant: Instant, shifts: Sequence[Shift]) -> tuple[str, ...] | None:
    """Return who is on duty by these shifts; None where none of them says anything."""
    active = [each for each in shifts if each.start <= instant < each.end]
    return tuple(sorted({name for each in active for name in each.receivers})) if active else None


def shifts_of(weekly: Iterable[Weekly], zone: tzinfo, first: date, last: date) -> list[Shift]:
    """Return the shifts that begin on one of the days from ``first`` to ``last`` of the local calendar."""
    patterns = list(weekly)
    shifts = []
    day = first
    while day <= last:
        for each in patterns:
            if day.weekday() in each.days:
                until = day if each.end > each.start else day + _DAY
                start, end = local_instant(day, each.start, zone), local_instant(until, each.end, zone)
                shifts.append(Shift(start, end, each.receivers))
        day += _DAY
    return shifts


def local_instant(day: date, at: time, zone: tzinfo) -> Instant:
    """Return the instant of a local time, by the one rule of this module."""
    moment = datetime.combine(day, at.replace(fold=0), tzinfo=zone)
    before = int(moment.timestamp()) * SECOND + moment.microsecond
    after = int(moment.replace(fold=1).timestamp()) * SECOND + moment.microsecond
    return before if before <= after else _skipped_at(after, before, zone)


def _skipped_at(low: Instant, high: Instant, zone: tzinfo) -> Instant:
    """Return the instant between two at which the clock is set forward."""
    old = _offset(low, zone)
    while high - low > SECOND:
        middle = (low + high) // (2 * SECOND) * SECOND
        if _offset(middle, zone) == old:
            low = middle
        else:
            high = middle
    return high // SECOND * SECOND


def _offset(at: Instant, zone: tzinfo) -> timedelta | None:
    return datetime.fromtimestamp(at // SECOND, zone).utcoffset()
