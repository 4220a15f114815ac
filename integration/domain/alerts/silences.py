"""Silences: for a while nobody is told. They never end an alert, and they have an end themselves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from integration.domain.instants import NEVER, Duration, Instant
from schemas.kinds import Rule, Severity


@dataclass(frozen=True, slots=True)
class Silence:
    """What is silent from when to when; empty fields stand for everything."""

    silence_id: str
    source: str
    rule: Rule | None
    booking: str
    start: Instant
    end: Instant

    def covers(self, source: str, rule: Rule, booking: str) -> bool:
        """Tell whether a finding is silenced by it."""
        return self.source in ("", source) and self.rule in (None, rule) and self.booking in ("", booking)


Bounds = Mapping[Severity, Duration]
"""How long a silence may last, by severity. What is not named cannot be silenced."""


def silent_until(
    source: str, rule: Rule, severity: Severity, bookings: Iterable[str], silences: Iterable[Silence], *, bounds: Bounds
) -> Instant | None:
    """Return until when an alert is silent, None if it is not: every open finding of it has to be silenced.

    Args:
        source: its facility.
        rule: its rule.
        severity: its severity.
        bookings: those of its open findings.
        silences: those that run now.
        bounds: a silence that was set for longer than its bound ends at the bound.
    """
    bound = bounds.get(severity, 0)
    ends = [(each, min(each.end, each.start + bound)) for each in silences]
    until = NEVER
    for booking in bookings:
        until = min(until, max((end for each, end in ends if each.covers(source, rule, booking)), default=0))
    return until if 0 < until < NEVER else None
