"""What a check of an installation found, in one form: what was looked at, how grave it is, what to do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from integration.domain.instants import DAY, SECOND, Duration, Instant

DISK_WARNING: Final = 80.0
DISK_FAULT: Final = 90.0
"""Percent used (CJISSECPOL 6.0 AU-4 asks for capacity; the two figures are the product's)."""
_SHORTEST_HISTORY: Final = DAY // 24
"""A log younger than this says nothing about how fast it grows."""


class Level(StrEnum):
    """How grave a finding of the doctor is."""

    OK = "ok"
    NOTE = "note"
    """Worth knowing; nothing is wrong."""
    WARNING = "warning"
    """Works today, and will not for ever, or not when something else fails."""
    FAULT = "fault"
    """Does not work, or is not safe; also what could not be looked at."""


@dataclass(frozen=True, slots=True)
class Result:
    """One thing that was looked at. Texts hold no secret and nothing of a person."""

    check: str
    """Group and thing, as in ``keys.log``."""
    level: Level
    text: str
    """What was found."""
    todo: str = ""
    """What to do first; empty where nothing is to be done."""


def ok(check: str, text: str) -> Result:
    """Return that something is as it should be."""
    return Result(check, Level.OK, text)


def note(check: str, text: str, todo: str = "") -> Result:
    """Return something worth knowing."""
    return Result(check, Level.NOTE, text, todo)


def warning(check: str, text: str, todo: str) -> Result:
    """Return something that will not do for ever."""
    return Result(check, Level.WARNING, text, todo)


def fault(check: str, text: str, todo: str) -> Result:
    """Return something that is wrong."""
    return Result(check, Level.FAULT, text, todo)


def found(results: Iterable[Result]) -> bool:
    """Tell whether anything is to be done: a warning or a fault."""
    return any(result.level in (Level.WARNING, Level.FAULT) for result in results)


def judge_step(now: Instant, marks: Sequence[tuple[str, Instant]], allowed: Duration) -> Result:
    """Judge whether the clock stands behind what this installation has already written down.

    Args:
        now: the system's clock.
        marks: what bears a time, and that time.
        allowed: by how much the clock may stand behind.
    """
    ahead = [(at - now, what) for what, at in marks if at - now > allowed]
    if not ahead:
        return ok("clock.step", f"not behind any of {len(marks)} times on record")
    behind, what = max(ahead)
    return fault(
        "clock.step",
        f"the clock is {behind / SECOND:.1f} s behind {what}: it was set back, or was ahead before",
        "Look at the time service (chronyc tracking). Deadlines wait until the clock has caught up.",
    )


def judge_drift(other: str, offset: Duration, allowed: Duration) -> Result:
    """Judge another clock against this machine's. Args: ``offset`` is the other clock less this one."""
    name = f"clock.{other.replace(' ', '_')}"
    if abs(offset) <= allowed:
        return ok(name, f"the {other}'s clock agrees within {allowed / SECOND:g} s")
    direction = "ahead of" if offset > 0 else "behind"
    return warning(
        name,
        f"the {other}'s clock is {abs(offset) / SECOND:.1f} s {direction} this machine's",
        "Have both follow the same time service.",
    )


def judge_room(percent: float, free: int) -> Result:
    """Judge how full a disk is. Args: ``percent`` used, ``free`` bytes."""
    text = f"{percent:.0f} % used, {free / 2**30:.1f} GiB free"
    todo = "Make room or enlarge the disk; never delete anything in the state folder."
    if percent >= DISK_FAULT:
        return fault("disk.room", text, todo)
    return warning("disk.room", text, todo) if percent >= DISK_WARNING else ok("disk.room", text)


def judge_days(free: int, grown: int, over: Duration, *, least: float, retention: Duration) -> Result:
    """Judge for how long a disk will do, as the installation's own data has grown so far.

    Args:
        free: bytes.
        grown: bytes that the database and its log have taken.
        over: in what time.
        least: days that have to be left.
        retention: for how long the longest-kept entries are kept (AU-11): room is asked for that, too.
    """
    if over < _SHORTEST_HISTORY or grown <= 0:
        return note("disk.days", "the log is too young to tell how fast it grows")
    a_day = grown / (over / DAY)
    days = free / a_day
    text = f"room for {min(days, 36_500):.0f} days at {a_day / 2**20:.1f} MiB a day"
    if days < least:
        return fault("disk.days", text, "Enlarge the disk now: when it is full nothing can be taken in.")
    if days < retention / DAY:
        kept = f"{retention / DAY:.0f} days"
        return warning("disk.days", f"{text}; the policy keeps entries for {kept}", "Plan a larger disk (AU-4).")
    return ok("disk.days", text)


def judge_silence(source: str, heard: Instant | None, now: Instant, limit: Duration) -> Result:
    """Judge when a feed last brought something new. Args: ``limit`` is how long it may be silent."""
    name, todo = f"sources.{source}", "Ask who keeps the export; look into the drop folder and its refused/ folder."
    if heard is None:
        return warning(name, "has never brought an event", todo)
    text = f"last event {(now - heard) / (60 * SECOND):.0f} min ago, limit {limit / (60 * SECOND):g} min"
    return warning(name, text, todo) if now - heard > limit else ok(name, text)
