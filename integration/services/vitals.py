"""What is silent, full or stuck past its limit: a pure judgement of one look at the engine and what it stands on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

from integration.domain.instants import SECOND, Duration, Instant
from integration.services.heartbeat import Beat, State

Detail: TypeAlias = Mapping[str, str | int | float]
_DAY: Final = 86_400.0
_ENOUGH: Final = 6 * 3600.0
"""Seconds. A trend of free space over less than this says nothing."""


class Part(StrEnum):
    """What a trouble is about. Of each part, and each source or check, at most one trouble is open at a time."""

    ENGINE = "engine"
    LOG = "log"
    CHECKPOINT = "checkpoint"
    SOURCE = "source"
    DISK = "disk"
    CLOCK = "clock"
    ALERTING = "alerting"
    GATE = "gate"
    CHECK = "check"
    CHANNEL = "channel"


class Trouble(StrEnum):
    """What is wrong, the gravest of each part first."""

    ENGINE_FAILED = "engine_failed"
    ENGINE_GONE = "engine_gone"
    ENGINE_SILENT = "engine_silent"
    ENGINE_STOPPED = "engine_stopped"
    ENGINE_ABSENT = "engine_absent"
    LOG_UNWRITABLE = "log_unwritable"
    CHECKPOINT_BEHIND = "checkpoint_behind"
    SOURCE_SILENT = "source_silent"
    DISK_MISSING = "disk_missing"
    DISK_HANGING = "disk_hanging"
    DISK_FAILING = "disk_failing"
    DISK_READ_ONLY = "disk_read_only"
    DISK_FULL = "disk_full"
    DISK_NEARLY_FULL = "disk_nearly_full"
    CLOCK_BEHIND = "clock_behind"
    ALERTING_FAILED = "alerting_failed"
    ALERTING_GONE = "alerting_gone"
    ALERTING_SILENT = "alerting_silent"
    GATE_FAILED = "gate_failed"
    GATE_GONE = "gate_gone"
    GATE_SILENT = "gate_silent"
    CHECK_FAILING = "check_failing"
    CHANNEL_FAILING = "channel_failing"

    @property
    def part(self) -> Part:
        """What it is about."""
        return Part(self.value.partition("_")[0])


@dataclass(frozen=True, slots=True)
class Symptom:
    """One trouble as a look found it."""

    trouble: Trouble
    about: str = ""
    """The source, check or channel; empty for the others."""
    since: Instant | None = None
    """By the system's clock; None where nobody knows."""
    detail: Detail = field(default_factory=dict)

    @property
    def key(self) -> tuple[Part, str]:
        """What it is the same trouble as."""
        return self.trouble.part, self.about


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on something is told. Seconds, unless the name says otherwise."""

    engine: bool = True
    """Whether an engine runs here at all: a site with workers alone has none."""
    engine_silent: float = 20.0
    beside: frozenset[Part] = frozenset()
    """What is to be alive here besides: alerting, the gate."""
    beside_silent: float = 20.0
    log_unwritable: float = 20.0
    checkpoint_behind: float = 40.0
    disk_hanging: float = 10.0
    check_failing: float = 20.0
    disk_nearly_full_percent: float = 90.0
    disk_full_bytes: int = 256 << 20
    disk_days_left: float = 7.0
    clock_behind: float = 2.0
    sources: Mapping[str, float] = field(default_factory=dict)


class Written(StrEnum):
    """What became of writing and syncing a small file in the state folder."""

    DONE = "done"
    FULL = "full"
    READ_ONLY = "read_only"
    FAILING = "failing"
    MISSING = "missing"
    HANGING = "hanging"


@dataclass(frozen=True, slots=True)
class Disk:
    """The file system of the state folder."""

    total: int
    """Bytes."""
    free: int
    """Bytes that the service may still write."""
    used_percent: float
    files_free: int | None = None
    """None where the file system does not count files."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What an HTTP check found."""

    failing_for: float
    """Seconds; 0: it is well."""
    says: str = ""
    """What was not as it should be: a status, a metric's name; nothing from the answer's body."""


@dataclass(frozen=True, slots=True)
class Beating:
    """One heartbeat, as a look found it."""

    beat: Beat | None
    """None: there is none that can be read."""
    still_for: float
    """How long it has been the same, or missing."""
    process: str | None = None
    """State of its process (proc(5)); None: no such process is seen from here."""
    gone: bool = False
    """Whether that process was seen from here and is no more."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One look. All stretches are by the watchdog's own steady clock, so that no step of the system's clock counts."""

    at: Instant
    beat: Beat | None
    beat_still_for: float
    """How long the heartbeat has been the same, or missing."""
    process: str | None = None
    """The engine's process state (proc(5)); None: no such process is seen from here."""
    gone: bool = False
    """Whether that process was seen from here and is no more."""
    beside: Mapping[Part, Beating] = field(default_factory=dict)
    """Those of alerting and gate."""
    unavailable_for: float = 0.0
    anchored: int | None = None
    """Entries under the last checkpoint."""
    unanchored_for: float = 0.0
    disk: Disk | None = None
    written: Written = Written.DONE
    written_for: float = 0.0
    """How long writing has been as `written` says."""
    trend: Sequence[tuple[float, int]] = ()
    """Earlier (seconds, free bytes), oldest first."""
    steady: float = 0.0
    """Now, on the clock of `trend`."""
    clock_behind: Duration = 0
    """How far the system's clock stands behind the latest time that the watchdog has seen."""
    checks: Mapping[str, Checked] = field(default_factory=dict)
    channels: Mapping[str, Instant] = field(default_factory=dict)
    """Channels that take nothing at present, with since when."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is wrong, and what could not be looked at: there, nothing is over."""

    symptoms: tuple[Symptom, ...]
    unknown: frozenset[Part] = frozenset()


def judge(seen: Seen, limits: Limits) -> Judgement:
    """Return every trouble that one look shows."""
    engine, unknown = _engine(seen, limits) if limits.engine else (None, set())
    symptoms = [engine] if engine is not None else []
    if limits.engine and not unknown:
        symptoms += _told_by_engine(seen, limits)
    for part in sorted(limits.beside):
        beside, known = _beside(part, seen, limits, engine)
        symptoms += [beside] if beside is not None else []
        unknown |= set() if known else {part}
    symptoms += _disk(seen, limits)
    symptoms += _clock(seen, limits)
    symptoms += [
        Symptom(Trouble.CHECK_FAILING, name, seen.at - _micros(check.failing_for), {"says": check.says})
        for name, check in seen.checks.items()
        if check.failing_for >= limits.check_failing
    ]
    symptoms += [Symptom(Trouble.CHANNEL_FAILING, name, since) for name, since in seen.channels.items()]
    return Judgement(tuple(symptoms), frozenset(unknown))


_FAILED: Final = {Part.ALERTING: Trouble.ALERTING_FAILED, Part.GATE: Trouble.GATE_FAILED}
_GONE: Final = {Part.ALERTING: Trouble.ALERTING_GONE, Part.GATE: Trouble.GATE_GONE}
_SILENT: Final = {Part.ALERTING: Trouble.ALERTING_SILENT, Part.GATE: Trouble.GATE_SILENT}


def _beside(part: Part, seen: Seen, limits: Limits, engine: Symptom | None) -> tuple[Symptom | None, bool]:
    """Return what is wrong with a process beside the engine, and whether that can be told at all."""
    found = seen.beside.get(part, Beating(None, 0.0))
    beat, late = found.beat, found.still_for >= limits.beside_silent
    same = beat is None or (seen.beat is not None and beat.pid == seen.beat.pid)
    starting = seen.beat is not None and seen.beat.state is State.STARTING
    if limits.engine and (starting or (engine is not None and same)):
        # It lives in the engine's process, or was never seen: one trouble is not two alarms.
        return None, False
    trouble = None
    if beat is not None and beat.state is State.FAILED and (late or not (same and limits.engine)):
        trouble = _FAILED[part]  # Within the engine's process the engine is about to stop for it, and to say so.
    elif found.gone and beat is not None and beat.state is not State.STOPPED:
        trouble = _GONE[part]
    elif late:
        trouble = _SILENT[part]
    if trouble is None:
        return None, beat is not None and beat.state is State.RUNNING
    if beat is None:
        return Symptom(trouble, since=seen.at - _micros(found.still_for)), True
    detail: dict[str, str | int | float] = {
        "state": beat.state.value,
        "stage": beat.stage.value,
        "process": "gone" if found.process is None else found.process,
        "silent_seconds": round(found.still_for, 1),
    }
    if beat.reason is not None:
        detail["reason"] = beat.reason.value
    return Symptom(trouble, since=beat.at, detail=detail), True


_BY_ENGINE: Final = {Part.LOG, Part.CHECKPOINT, Part.SOURCE}
"""Parts that only a living engine tells of."""


def _engine(seen: Seen, limits: Limits) -> tuple[Symptom | None, set[Part]]:
    beat, trouble = seen.beat, _trouble_of_engine(seen, limits)
    if trouble is None:
        # Not over because a new process is starting: it may fail at the same place again.
        lives = beat is not None and beat.state is State.RUNNING
        return None, set() if lives else {Part.ENGINE, *_BY_ENGINE}
    if beat is None:
        return Symptom(trouble, since=seen.at - _micros(seen.beat_still_for)), _BY_ENGINE
    detail: dict[str, str | int | float] = {
        "state": beat.state.value,
        "stage": beat.stage.value,
        "stage_since": beat.stage_since,
        "process": "gone" if seen.process is None else seen.process,
        "silent_seconds": round(seen.beat_still_for, 1),
    }
    if beat.reason is not None:
        detail["reason"] = beat.reason.value
    return Symptom(trouble, since=beat.at, detail=detail), _BY_ENGINE


def _trouble_of_engine(seen: Seen, limits: Limits) -> Trouble | None:
    late = seen.beat_still_for >= limits.engine_silent
    if seen.beat is None:
        return Trouble.ENGINE_ABSENT if late else None
    if seen.beat.state is State.FAILED:
        return Trouble.ENGINE_FAILED
    if seen.beat.state is State.STOPPED:
        return Trouble.ENGINE_STOPPED if late else None
    if seen.gone:
        # It had no time for a last word: killed, or the machine's memory was full.
        return Trouble.ENGINE_GONE
    return Trouble.ENGINE_SILENT if late else None


def _told_by_engine(seen: Seen, limits: Limits) -> Iterator[Symptom]:
    beat = seen.beat
    assert beat is not None
    if seen.unavailable_for >= limits.log_unwritable:
        yield Symptom(Trouble.LOG_UNWRITABLE, since=beat.unavailable_since)
    # Counted while the engine beats: of a log that stands still nothing new is left unsigned.
    if seen.unanchored_for - seen.beat_still_for >= limits.checkpoint_behind:
        detail = {"log_size": beat.log_size, "anchored": -1 if seen.anchored is None else seen.anchored}
        yield Symptom(Trouble.CHECKPOINT_BEHIND, since=seen.at - _micros(seen.unanchored_for), detail=detail)
    for source, last in beat.sources.items():
        limit = limits.sources.get(source)
        if limit is not None and seen.at - last >= limit * SECOND:
            yield Symptom(Trouble.SOURCE_SILENT, source, last, {"limit_minutes": round(limit / 60, 1)})


_WRITTEN: Final = {
    Written.FULL: Trouble.DISK_FULL,
    Written.READ_ONLY: Trouble.DISK_READ_ONLY,
    Written.FAILING: Trouble.DISK_FAILING,
    Written.MISSING: Trouble.DISK_MISSING,
}


def _disk(seen: Seen, limits: Limits) -> Iterator[Symptom]:
    since = seen.at - _micros(seen.written_for)
    detail = _room(seen)
    if seen.written is Written.HANGING:
        if seen.written_for >= limits.disk_hanging:
            yield Symptom(Trouble.DISK_HANGING, since=since, detail=detail)
        return
    if seen.written is not Written.DONE:
        yield Symptom(_WRITTEN[seen.written], since=since, detail=detail)
    elif seen.disk is not None and (seen.disk.free < limits.disk_full_bytes or seen.disk.files_free == 0):
        yield Symptom(Trouble.DISK_FULL, detail=detail)
    elif seen.disk is not None and (
        seen.disk.used_percent >= limits.disk_nearly_full_percent
        or float(detail.get("days_left", _DAY)) < limits.disk_days_left
    ):
        yield Symptom(Trouble.DISK_NEARLY_FULL, detail=detail)


def _room(seen: Seen) -> dict[str, str | int | float]:
    if seen.disk is None:
        return {}
    room: dict[str, str | int | float] = {
        "free_bytes": seen.disk.free,
        "total_bytes": seen.disk.total,
        "used_percent": round(seen.disk.used_percent, 1),
    }
    left = days_left(seen.trend, seen.steady, seen.disk.free)
    return room if left is None else room | {"days_left": round(left, 1)}


def days_left(trend: Sequence[tuple[float, int]], now: float, free: int) -> float | None:
    """Return in how many days the disk is full if it goes on as since the oldest reading; None if that says nothing."""
    if not trend or now - trend[0][0] < _ENOUGH or trend[0][1] <= free:
        return None
    then, had = trend[0]
    return free * (now - then) / (had - free) / _DAY


def _clock(seen: Seen, limits: Limits) -> Iterator[Symptom]:
    told = seen.beat.clock_behind if seen.beat is not None and seen.beat_still_for < limits.engine_silent else 0
    behind = max(seen.clock_behind, told) / SECOND
    if behind >= limits.clock_behind:
        yield Symptom(Trouble.CLOCK_BEHIND, detail={"seconds_behind": round(behind, 1)})


def _micros(seconds: float) -> Duration:
    return int(seconds * SECOND)
