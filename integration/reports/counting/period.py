"""The period of a report: days of a facility's calendar, as instants; and its months."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from integration.domain.instants import Instant

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_DECEMBER: Final = 12


@lru_cache(maxsize=8192)
def instant_of(text: str) -> Instant:
    """Read a time as entries write it."""
    return (datetime.fromisoformat(text) - _EPOCH) // _MICROSECOND


def text_of(moment: datetime) -> str:
    """Write a moment as entries write times."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@lru_cache(maxsize=1024)
def _midnight(day: date, zone: str) -> str:
    """Return when a day begins in a zone, as entries write times. Asked for with each event that is counted."""
    return text_of(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)))


def months_before(day: date, months: int) -> date:
    """Return the first of the month so many months before a day's."""
    number = day.year * _DECEMBER + day.month - 1 - months
    return date(number // _DECEMBER, number % _DECEMBER + 1, 1)


class Period(NamedTuple):
    """From the beginning of one day to before the beginning of another, by a facility's calendar."""

    first: date
    end: date
    """The first day that is no longer in it."""
    zone: str

    @property
    def start_text(self) -> str:
        """The first instant, as entries write times."""
        return _midnight(self.first, self.zone)

    @property
    def end_text(self) -> str:
        """The first instant that is no longer in it."""
        return _midnight(self.end, self.zone)

    @property
    def last(self) -> date:
        """The last day."""
        return self.end - timedelta(days=1)

    def has(self, time: str) -> bool:
        """Tell whether a time of an entry lies in it."""
        return self.start_text <= time < self.end_text

    def months(self) -> Iterator["Period"]:
        """Yield its calendar months; the first and the last may be parts of one."""
        day = self.first
        while day < self.end:
            after = date(day.year + day.month // _DECEMBER, day.month % _DECEMBER + 1, 1)
            yield Period(day, min(after, self.end), self.zone)
            day = after

    def before(self) -> "Period":
        """Return the period before it: as many months where it is whole months, as many days otherwise."""
        if self.first.day == self.end.day == 1:
            months = (self.end.year - self.first.year) * _DECEMBER + self.end.month - self.first.month
            return Period(months_before(self.first, months), self.first, self.zone)
        return Period(self.first - (self.end - self.first), self.first, self.zone)

    def name(self) -> str:
        """Return it in words, both days included."""
        return f"{self.first.isoformat()} to {self.last.isoformat()}"


def hours_between(start: str, end: str) -> float:
    """Return the hours between two times of entries."""
    # Hardly two of millions are alike: keeping what was read, as `instant_of` does, would cost more than it saves.
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)) // _MICROSECOND / 3_600_000_000


def local_time(text: str, zone: str) -> str:
    """Write a time of an entry by a facility's clock, with its offset: the repeated hour of autumn has two."""
    return datetime.fromisoformat(text).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M %z")
