"""Whether each facility's feed spoke throughout a period: a feed that is silent reports zeros as well as a quiet jail.

By the time that events tell of, not by their arrival: what a feed sends late, or what is imported, covers its own days.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import orjson

from integration.reports.counting.otherholds import text_end
from integration.reports.counting.period import Period, hours_between

LIMIT: Final = 1440
"""Minutes without an event that count as silence where nobody says otherwise."""
_TIME: Final = b'"time":"'
_SOURCE: Final = b'"source":"'
_LENGTH: Final = len("2026-01-01T00:00:00.000000Z")
_HOUR: Final = len("2026-01-01T00")
_Span = tuple[bytes, bytes]
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
        self._numbers: dict[bytes, int] = {}
        self._spans: dict[tuple[bytes, bytes], _Span] = {}

    def note(self, body: bytes, kind_at: int) -> None:
        """Take note of an accepted event. Args: ``kind_at`` is where the entry's kind begins in its canonical JSON."""
        at = body.rfind(_SOURCE) + len(_SOURCE)
        source = body[at : text_end(body, at)]
        at = body.rfind(_TIME, 0, kind_at) + len(_TIME)
        time = body[at : at + _LENGTH]
        if not self._start <= time < self._end:
            self._numbers.setdefault(source, 0)
            return
        self._numbers[source] = self._numbers.get(source, 0) + 1
        key = source, time[:_HOUR]
        first, last = self._spans.get(key, (time, time))
        self._spans[key] = min(first, time), max(last, time)

    def presence(self, source: str, limits: Mapping[str, int]) -> list[Presence]:
        """Return what each facility in question sent.

        Args:
            source: the facility that is asked about; empty: all that the log or ``limits`` know.
            limits: minutes without an event that count as silence, by facility; a day where it is not named.
        """
        known = {str(orjson.loads(b'"' + each + b'"')): each for each in self._numbers}
        sources = [source] if source else sorted({*known, *limits})
        return [self._of(each, known.get(each, b""), limits.get(each, LIMIT) / 60) for each in sources]

    def _of(self, source: str, written: bytes, limit: float) -> Presence:
        spans = sorted(span for (of, _), span in self._spans.items() if of == written)
        ends = [self._start, *(last for _, last in spans)]
        starts = [*(first for first, _ in spans), self._end]
        silences = [
            (hours_between(since.decode(), until.decode()), since.decode(), until.decode())
            for since, until in zip(ends, starts, strict=True)
        ]
        longest = max(silences, key=lambda each: each[0])
        return Presence(source, self._numbers.get(written, 0), limit, *longest)
