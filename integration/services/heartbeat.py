"""What the engine says of itself for a watchdog beside it: one small record, no personal data.

It is written in place, so that it needs neither free space nor a new name on a disk that is full: a first line with
a checksum tells a reader who meets half a write to read again.
"""

import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Final

import orjson

from integration.domain.instants import Duration, Instant

VERSION: Final = 1
_BLOCK: Final = 4096


class State(StrEnum):
    """Where the engine is in its life."""

    STARTING = "starting"
    RUNNING = "running"
    STOPPED = "stopped"
    """It was told to stop, and did."""
    FAILED = "failed"
    """It stopped by itself."""


class Stage(StrEnum):
    """What the engine is doing."""

    OPENING = "opening"
    LOOPING = "looping"
    COMMITTING = "committing"
    TELLING = "telling"
    SIGNING = "signing"
    MOVING_A_FILE = "moving_a_file"
    WAITING_FOR_THE_STORE = "waiting_for_the_store"


class StopReason(StrEnum):
    """Why the engine stopped by itself."""

    STORE = "store"
    """The database, its disk or a key fails."""
    LOG_CONFLICT = "log_conflict"
    """Somebody else extended the log, or the database is not the one it left."""
    ROLLED_BACK = "rolled_back"
    """The database is older than the last signed checkpoint, or the anchor is gone."""
    DEAD_LETTER = "dead_letter"
    """A refused input could not be kept."""
    POLICY_PACK = "policy_pack"
    FILE = "file"
    """A file or folder cannot be read or written."""
    SETTINGS = "settings"
    UNEXPECTED = "unexpected"


class BeatError(ValueError):
    """A heartbeat file that cannot be read as one: half written, or something else."""


@dataclass(frozen=True, slots=True)
class Beat:
    """One heartbeat. Instants are those of the system's clock as it was read, steps and all."""

    pid: int
    process_started: int
    """Clock ticks after the machine's start, from ``/proc``: tells a process from a later one of its number."""
    number: int
    """Grows with every beat: one that stands still means a loop that stands still."""
    state: State
    stage: Stage
    stage_since: Instant
    at: Instant
    commit_at: Instant | None = None
    """The end of the last commit."""
    log_size: int = 0
    """Committed entries."""
    clock_behind: Duration = 0
    """How far the clock stands behind the latest time that this process has seen."""
    unavailable_since: Instant | None = None
    """Since when the store says that it cannot at the moment."""
    reason: StopReason | None = None
    sources: Mapping[str, Instant] = field(default_factory=dict)
    """When the last new event of each source was committed; for one never heard of, when the first engine started."""


def encode(beat: Beat) -> bytes:
    """Return a heartbeat as the file has it: a whole number of blocks."""
    body = orjson.dumps({"version": VERSION, **asdict(beat)})
    line = b"%08x %d\n" % (zlib.crc32(body), len(body))
    whole = line + body + b"\n"
    return whole.ljust(-(-len(whole) // _BLOCK) * _BLOCK)


def decode(content: bytes) -> Beat:
    """Read a heartbeat.

    Raises:
        BeatError: it is half written, of another version, or none at all.
    """
    try:
        read = orjson.loads(_whole(content))
        if read.pop("version") == VERSION:
            return _beat(read)
    except (ValueError, TypeError, KeyError) as error:
        raise BeatError(f"no heartbeat: {type(error).__name__}") from error
    raise BeatError("a heartbeat of another version")


def _whole(content: bytes) -> bytes:
    line, _, rest = content.partition(b"\n")
    checksum, length = line.split()
    body = rest[: int(length)]
    return body if zlib.crc32(body) == int(checksum, 16) else b""  # which is no JSON


def _beat(read: dict[str, Any]) -> Beat:
    reason = read.pop("reason")
    return Beat(
        state=State(read.pop("state")),
        stage=Stage(read.pop("stage")),
        reason=None if reason is None else StopReason(reason),
        **read,
    )
