"""Whether each facility's feed spoke throughout a period: a feed that is silent reports zeros as well as a quiet jail.

By the time that events tell of, not by their arrival: what a feed sends late, or what is imported, covers its own days.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Final, NamedTuple

import orjson

from integration.reports.counting.period import Period, hours_between

LIMIT: Final = 1440
"""Minutes without an event that count as silence where nobody says otherwise."""
_HOUR: Final = len("2026-01-01T00")
_Span = list[bytes]
"""The earliest and the latest event of an hour."""


class Presence(NamedTuple):
    """What one facility sent of a period."""

    source: str
    events: int
    limit: float
    """Hours without an event that count as silence."""
    longest: float
    """Hours of the longest stretch of the period without an event."""
    since: str
    """Its beginning, as entries write times."""
    until: str

    @property
    def spoke(self) -> bool:
        """Whether it never was silent."""
        return self.events > 0 and self.longest <= self.limit


class Feeds:
    """Collects when events happened, by facility and hour: the order in which they came does not matter."""

    def __init__(self, period: Period) -> None:
        """Begin with nothing. Args: ``period`` is the one that is looked at."""
        self._start, self._end = period.start_text.encode(), period.end_text.encode()
        self._numbers = Counter[bytes]()
        self._spans: dict[bytes, dict[bytes, _Span]] = {}

    def note(self, source: bytes, time: bytes) -> None:
        """Take note of an event. Args: ``source`` is its feed as JSON writes it, ``time`` when it was."""
        spans = self._spans.get(source)
        if spans is None:
            spans = self._spans[source] = {}
        if not self._start <= time < self._end:
            return
        hour = time[:_HOUR]
        span = spans.get(hour)
        if span is None:
            spans[hour] = [time, time]
        elif time > span[1]:
            span[1] = time
        elif time < span[0]:
            span[0] = time
        self._numbers[source] += 1

    def presence(self, source: str, limits: Mapping[str, int]) -> list[Presence]:
        """Return what each facility in question sent.

        Args:
            source: the facility that is asked about; empty: all that the log or ``limits`` know.
            limits: minutes without an event that count as silence, by facility; a day where it is not named.
        """
        known = {str(orjson.loads(b'"' + each + b'"')): each for each in self._spans}
        sources = [source] if source else sorted({*known, *limits})
        return [self._of(each, known.get(each, b""), limits.get(each, LIMIT) / 60) for each in sources]

    def _of(self, source: str, written: bytes, limit: float) -> Presence:
        spans = sorted(self._spans.get(written, {}).values())
        ends = [self._start, *(last for _, last in spans)]
        starts = [*(first for first, _ in spans), self._end]
        silences = [
            (hours_between(since.decode(), until.decode()), since.decode(), until.decode())
            for since, until in zip(ends, starts, strict=True)
        ]
        longest = max(silences, key=lambda each: each[0])
        return Presence(source, self._numbers[written], limit, *longest)
