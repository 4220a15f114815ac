"""Plain words for rules, papers and changes, and local times; every word a supervisor reads on the board."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from integration.domain.instants import HOUR, MINUTE, SECOND, Duration, Instant
from schemas.kinds import Rule

RULES: Final = {
    Rule.OVERDUE_DETAINER_HOLD: "kept on immigration paper past release time",
    Rule.OVERDUE_RELEASE: "kept past release time without any ground",
    Rule.RELEASE_APPROACHING: "release time is near, immigration paper on file",
    Rule.TRANSFER_WITHOUT_WARRANT: "handed to immigration agents without a judge's warrant",
    Rule.BOOKED_WITHOUT_AUTHORITY: "booked on immigration paper alone",
    Rule.BAIL_REFUSED_ON_DETAINER: "bail refused while immigration paper is on file",
    Rule.NOTICE_NOT_SERVED: "person has no copy of the paper",
    Rule.MISLABELLED_DOCUMENT: "paper is not what its label says",
    Rule.STATUS_INFORMATION_RECEIVED: "status information came with the record",
    Rule.HELD_FOR_IDENTIFICATION: "kept only to establish identity",
    Rule.CITE_NOT_CUSTODY: "a summons would have done",
}

EVENTS: Final = {
    "jail.booking.opened.v1": "booked",
    "jail.hold.placed.v1": "paper or charge put on file",
    "jail.hold.lifted.v1": "paper taken off file",
    "jail.bail.posted.v1": "bail paid",
    "jail.bail.refused.v1": "bail offered and turned down",
    "jail.release.due.v1": "release time set",
    "jail.release.completed.v1": "released",
    "jail.event.retracted.v1": "an earlier record was a mistake and never counted",
    "jail.message.requested.v1": "somebody wants to send a message",
    "jail.warrant.verified.v1": "court confirmed the warrant",
}


def clock_time(at: Instant, zone: ZoneInfo) -> str:
    """Return hours, minutes, seconds and offset of a local time."""
    local = _local(at, zone)
    return f"{local:%H:%M:%S} {local.isoformat(timespec='seconds')[-len('-05:00') :]}"


def day_and_time(at: Instant, zone: ZoneInfo) -> str:
    """Return the local date with `clock_time`."""
    return f"{_local(at, zone):%Y-%m-%d} {clock_time(at, zone)}"


def since(at: Instant, zone: ZoneInfo, *, now: Instant) -> str:
    """Return `clock_time`, with the date where it is not today's."""
    today = _local(at, zone).date() == _local(now, zone).date()
    return clock_time(at, zone) if today else day_and_time(at, zone)


def short_time(at: Instant, zone: ZoneInfo, *, now: Instant) -> str:
    """Return hours and minutes; with the weekday and offset only where they are not today's and the present one."""
    then, present = _local(at, zone), _local(now, zone)
    day = "" if then.date() == present.date() else f"{then:%a} "
    offset = "" if then.utcoffset() == present.utcoffset() else f"{then: %z}"
    return f"{day}{then:%H:%M}{offset}"


def _local(at: Instant, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(at / SECOND, zone)


def counting(length: Duration) -> str:
    """Return a length of time that counts up, as ``0:25:07``."""
    seconds = max(0, length) // SECOND
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def about(length: Duration) -> str:
    """Return a length of time in the unit that a person would say."""
    if length < 2 * MINUTE:
        return f"{length // SECOND} s"
    if length < 2 * HOUR:
        return f"{length // MINUTE} min"
    return f"{length // HOUR} h {length // MINUTE % 60:02d} min"
