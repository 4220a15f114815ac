"""Names for the calls of a run: what each one was for, so that every step can be broken and none is forgotten."""

import re
from collections.abc import Iterator, Sequence

from tests.faults.injection import Call

_FILES = (
    (r"state/keys/(\w+)\.key", r"\1 key"),
    (r"state/keys/\.?(\w+)\.key\.new", r"new \1 key"),
    (r"state/keys", "keys folder"),
    (r"state", "state folder"),
    (r"state/holdwatch\.sqlite", "database"),
    (r"state/holdwatch\.sqlite-journal", "journal"),
    (r"state/holdwatch\.sqlite-wal", "WAL"),
    (r"state/holdwatch\.sqlite-shm", "WAL index"),
    (r"state/anchor", "anchor"),
    (r"state/anchor\.new", "new anchor"),
    (r"state/anchor\.lock", "anchor lock"),
    (r"state/opening\.lock", "opening lock"),
    (r"state/engine\.lock", "engine lock"),
    (r"drop", "drop folder"),
    (r"drop/(working|processed|refused)", r"\1 folder"),
    (r"drop/[^/]+", "dropped file"),
    (r"drop/(working|processed|refused)/[^/]+", r"file in \1"),
)
_TOLD_AT_MOST = 20
"""Writes. Taking rows off the outbox touches a few pages, a batch of events many. This only chooses a name."""
_FRAME_HEADER = "24"
_WAL_HEADER = "32"


def kind_of(path: str) -> str:
    """What a path is, whatever its number or name."""
    for pattern, name in _FILES:
        if found := re.fullmatch(pattern, path):
            return found.expand(name)
    return path


def steps(calls: Sequence[Call]) -> list[tuple[str, Call]]:
    """Name every counted call of a clean run."""
    counted = [call for call in calls if call.number]
    first = next(at for at, call in enumerate(counted) if _picks_up(call))
    last = max(
        at for at, call in enumerate(counted) if kind_of(call.path) == "new anchor" and call.operation == "rename"
    )
    named: list[tuple[str, Call]] = []
    for at, call in enumerate(counted):
        phase = "setting up" if at < first else "reading" if at <= last + 1 else "closing"
        named.append((f"{phase}: {_plain(call)}", call))
    for start, end in _transactions(counted):
        writes = [at for at in range(start, end) if counted[at].operation == "write"]
        what = "migration" if end < first else "outbox told" if len(writes) <= _TOLD_AT_MOST else "batch"
        for order, at in enumerate(writes):
            named[at] = (f"{what}: {_frame(counted[at], order, len(writes))}", counted[at])
        named[end] = (f"{what}: sync WAL", counted[end])
    return named


def _picks_up(call: Call) -> bool:
    return call.operation == "rename" and call.second.startswith("drop/working")


def _plain(call: Call) -> str:
    if call.operation in {"rename", "link"}:
        return f"{call.operation} {kind_of(call.path)} to {kind_of(call.second)}"
    header = " header" if call.operation == "write" and call.second == _WAL_HEADER else ""
    return f"{call.operation} {kind_of(call.path)}{header}"


def _transactions(calls: Sequence[Call]) -> Iterator[tuple[int, int]]:
    """Yield where the frames of each transaction begin, and the sync that ends it."""
    start: int | None = None
    for at, call in enumerate(calls):
        if kind_of(call.path) != "WAL":
            continue
        if call.operation == "write" and call.second != _WAL_HEADER:
            start = at if start is None else start
        elif call.operation == "sync" and start is not None:
            yield start, at
            start = None


def _frame(call: Call, order: int, count: int) -> str:
    part = "frame header" if call.second == _FRAME_HEADER else "page"
    place = "first" if order < 2 else "last" if order >= count - 2 else "middle"
    return f"write {place} {part} to WAL"
