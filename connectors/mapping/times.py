"""Reads a jail's ways to write a time, and turns its wall clock into instants.

A time that the clock showed twice (autumn) or never (spring) is either refused by its own reason or read as the
earlier of the instants that it can mean (`place`). Which, the mapping says; that it was decided, the event's id shows.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

from connectors.localtime import Doubt, place
from connectors.mapping.record import Value, text_of
from connectors.mapping.result import NoteCode, ValueRefusedError
from schemas.refusals import Reason

RepeatedHour: TypeAlias = Literal["earlier", "refuse"]
SkippedHour: TypeAlias = Literal["earlier", "refuse"]
DateOnly: TypeAlias = Literal["refuse", "start_of_day", "noon", "end_of_day"]

EPOCHS: Final = {"epoch_s": 1, "epoch_ms": 1_000, "epoch_us": 1_000_000, "epoch_ns": 1_000_000_000}
"""Units since 1970, UTC. ``local_`` before it: the wall clock written as if it were UTC, as Debezium does."""
_CLOCK: Final = ("%H", "%I", "%T", "%X", "%c", "%R")
"""Signs of a strptime form that read a time of the day."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ISO_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_ISO: Final = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)[T ](?P<clock>\d\d:\d\d)(?P<second>:\d\d)?(?:[.,](?P<fraction>\d+))?"
    r"\s?(?P<offset>[Zz]|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII,
)
_FIRST, _LAST = 1970, 2199
_DAYS: Final = "epoch_days"
"""Days since 1970: a date as Debezium writes it."""
_FIRST_EPOCH: Final = 1980
"""What a number makes of an earlier year is nothing (0), or of another unit."""
_MARKS: Final = {
    Doubt.REPEATED.value: NoteCode.REPEATED_HOUR,
    Doubt.SKIPPED.value: NoteCode.SKIPPED_HOUR,
    "date-only": NoteCode.DATE_ONLY,
}


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant, and what had to be decided to get it."""

    at: datetime
    """UTC."""
    marks: tuple[str, ...] = ()

    def text(self) -> str:
        """Write it as RFC 3339 in UTC; the same instant is always the same text."""
        return self.at.isoformat().removesuffix("+00:00") + "Z"

    @property
    def notes(self) -> tuple[NoteCode, ...]:
        """Return its marks as notes."""
        return tuple(_MARKS[mark] for mark in self.marks)


@dataclass(frozen=True, slots=True)
class Clock:
    """How one facility writes times."""

    zone: ZoneInfo
    formats: Sequence[str]
    repeated_hour: RepeatedHour
    skipped_hour: SkippedHour
    date_only: DateOnly

    def read(self, value: Value) -> Moment:
        """Read a time.

        Raises:
            ValueRefusedError: ``bad_time``, ``time_out_of_range``, or ``ambiguous_time`` where the clock change
                leaves it open and the mapping says to refuse.
        """
        try:
            return self._read(value)
        except (OverflowError, ArithmeticError) as error:
            raise ValueRefusedError(Reason.TIME_OUT_OF_RANGE, "no such time") from error

    def _read(self, value: Value) -> Moment:
        if isinstance(value, datetime):
            return self._placed(value)
        if isinstance(value, date):
            return self._day(value)
        for each in self.formats:
            if (found := _parsed(value, each)) is not None:
                return self._day(found) if not isinstance(found, datetime) else self._placed(found)
        raise ValueRefusedError(Reason.BAD_TIME, "in none of the formats that the mapping lists")

    def _day(self, day: date) -> Moment:
        _check(day)
        if self.date_only == "refuse":
            raise ValueRefusedError(Reason.BAD_TIME, "a day without a time, and the mapping has no rule for it")
        if self.date_only == "noon":
            moment = self._placed(datetime.combine(day, time(12)))
        else:
            moment = self._placed(datetime.combine(day + timedelta(days=self.date_only == "end_of_day"), time.min))
        return Moment(moment.at, (*moment.marks, "date-only"))

    def _placed(self, moment: datetime) -> Moment:
        _check(moment)
        if moment.tzinfo is not None:
            return Moment(moment.astimezone(UTC))
        placed = place(moment, self.zone)
        if placed.doubt is Doubt.REPEATED and self.repeated_hour == "refuse":
            raise ValueRefusedError(Reason.AMBIGUOUS_TIME, "this hour came twice that day")
        if placed.doubt is Doubt.SKIPPED and self.skipped_hour == "refuse":
            raise ValueRefusedError(Reason.AMBIGUOUS_TIME, "this hour did not exist that day")
        return Moment(placed.at, () if placed.doubt is None else (placed.doubt.value,))


def is_format(text: str) -> bool:
    """Tell whether a format can be used."""
    if text in {"iso", _DAYS} or text.removeprefix("local_") in EPOCHS:
        return True
    try:
        sample = datetime(2024, 11, 23, 21, 42, 53, tzinfo=UTC)
        written = sample.strftime(text)
        read = datetime.strptime(written, text)  # noqa: DTZ007  the zone is added where the time is placed
    except (ValueError, re.error):
        return False
    if any(sign in text for sign in _CLOCK) and read.hour != sample.hour:
        return False  # %I without %p: nine in the evening would be nine in the morning
    return (read.year, read.month, read.day) == (2024, 11, 23)


def _parsed(value: Value, form: str) -> datetime | date | None:
    text = text_of(value)
    unit = EPOCHS.get(form.removeprefix("local_"))
    if unit is not None:
        return _since_epoch(value, unit, local=form.startswith("local_"))
    if form == "iso":
        return _iso(text)
    if form == _DAYS:
        found = _since_epoch(value, 1, local=True, days=True)
        return None if found is None else found.date()
    try:
        read = datetime.strptime(text, form)  # noqa: DTZ007  the zone is added where the time is placed
    except ValueError:
        return None
    # A format without a clock reads a day.
    return read if any(sign in form for sign in _CLOCK) else read.date()


def _since_epoch(value: Value, unit: int, *, local: bool, days: bool = False) -> datetime | None:
    text = text_of(value)
    if isinstance(value, bool) or not re.fullmatch(r"-?\d{1,20}(\.\d{1,9})?", text, re.ASCII):
        return None
    number = Decimal(text) * (86_400 if days else 1)
    moment = _EPOCH + timedelta(microseconds=int(number * 1_000_000 / unit))
    if moment.year < _FIRST_EPOCH:
        message = f"a number that would be a time before {_FIRST_EPOCH}: is it of another unit, or does it say nothing?"
        raise ValueRefusedError(Reason.TIME_OUT_OF_RANGE, message)
    return moment.replace(tzinfo=None) if local else moment


def _iso(text: str) -> datetime | date | None:
    try:
        if _ISO_DATE.fullmatch(text):
            return date.fromisoformat(text)
        matched = _ISO.fullmatch(text)
        if matched is None:
            return None
        fraction = (matched["fraction"] or "").ljust(6, "0")[:6]
        clock, second = matched["clock"], matched["second"] or ":00"
        day = date.fromisoformat(matched["day"])
        if clock + second == "24:00:00":
            day, clock = day + timedelta(days=1), "00:00"
        offset = (matched["offset"] or "").upper()
        return datetime.fromisoformat(f"{day.isoformat()}T{clock}{second}.{fraction}{offset}")
    except ValueError:
        return None


def _check(day: date) -> None:
    if not _FIRST <= day.year <= _LAST:
        raise ValueRefusedError(Reason.TIME_OUT_OF_RANGE, "year is before 1970 or after 2199")
