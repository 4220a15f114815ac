"""Silences: for a while nobody is told. They never end an alert, and they have an end themselves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from integration.domain.alerts.topics import Topic
from integration.domain.instants import MINUTE, NEVER, Duration, Instant
from schemas.kinds import Severity


@dataclass(frozen=True, slots=True)
class Silence:
    """What is silent from when to when; empty fields stand for everything."""

    silence_id: str
    source: str
    rule: Topic | None
    booking: str
    start: Instant
    end: Instant

    def covers(self, source: str, rule: Topic, booking: str) -> bool:
        """Tell whether a finding is silenced by it."""
        return self.source in ("", source) and self.rule in (None, rule) and self.booking in ("", booking)


Bounds = Mapping[Severity, Duration]
"""How long a silence may last, by severity. What is not named cannot be silenced."""


IN_A_ROW: Final = 2
"""How often the longest silence may follow itself, unless the settings say otherwise."""
NO_GAP: Final = MINUTE
"""Silences nearer to each other than this are one: nobody is told in between."""


def silent_until(
    about: tuple[str, Topic, Severity],
    bookings: Iterable[str],
    silences: Iterable[Silence],
    now: Instant,
    *,
    bounds: Bounds,
    in_a_row: int = IN_A_ROW,
) -> Instant | None:
    """Return until when an alert is silent, None if it is not: every open finding of it has to be silenced.

    Silences that follow each other are one, whoever set them: it ends after so many bounds, whatever was set, and the
    alert rings. It may be silenced again once people could be told.

    Args:
        about: its facility, its rule or kind of duty, its severity.
        bookings: those of its open findings.
        silences: those that run now, and those that have ended and may have led up to them.
        now: the current time.
        bounds: a silence that was set for longer than its bound ends at the bound.
        in_a_row: how many bounds a row of silences may last.
    """
    source, rule, severity = about
    bound = bounds.get(severity, 0)
    ends = [(each, min(each.end, each.start + bound)) for each in silences if each.start <= now]
    until = NEVER
    for booking in bookings:
        covering = [(each.start, end) for each, end in ends if each.covers(source, rule, booking) and each.start < end]
        begun, end = _row_at(now, covering)
        until = min(until, end, begun + in_a_row * bound)
    return until if now < until < NEVER else None


def _row_at(now: Instant, spans: Iterable[tuple[Instant, Instant]]) -> tuple[Instant, Instant]:
    """Return from when to when it is silent without a gap, around an instant; an empty one where it is not."""
    begun = end = 0
    for start, stop in sorted(spans):
        if start > end + NO_GAP:
            begun, end = start, stop
        end = max(end, stop)
    return (begun, end) if begun <= now < end else (0, 0)
