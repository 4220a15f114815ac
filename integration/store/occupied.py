"""Which other processes of this machine work in a state folder, also over a database that was moved away."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_NAME: Final = b"holdwatch"
_WATCHDOG: Final = b"watch"
"""It only reads, and it is to tell of what is being done."""
_PARENT: Final = 1
"""Of the fields of ``/proc/PID/stat`` after the name."""


def processes_in(state: Path) -> Iterator[int]:
    """Yield the processes that hold a file of the folder open, or are ours and have it as their working folder.

    Neither this process and those that started it nor the watchdog is meant. A process that may not be looked at is
    passed over: only root sees those of other users.
    """
    folder, mine = state.resolve(), _line()
    for each in _PROC.iterdir():
        if each.name.isdigit() and int(each.name) not in mine:
            try:
                works = _works(each, folder)
            except OSError:  # gone meanwhile, or another user's
                continue
            if works:
                yield int(each.name)


def _works(process: Path, folder: Path) -> bool:
    words = (process / "cmdline").read_bytes().split(b"\0")
    ours = any(word.rpartition(b"/")[2] == _NAME for word in words[:2])
    if ours and _WATCHDOG in words[:3]:
        return False
    if ours and _inside(process / "cwd", folder):
        return True
    return any(_inside(each, folder) and each.is_file() for each in (process / "fd").iterdir())


def _inside(link: Path, folder: Path) -> bool:
    try:
        target = link.readlink()
    except FileNotFoundError:  # closed meanwhile
        return False
    return target.is_absolute() and (target == folder or folder in target.parents)


def _line() -> set[int]:
    """Return this process and its ancestors."""
    found, pid = set[int](), os.getpid()
    while pid > 0 and pid not in found:
        found.add(pid)
        try:
            text = (_PROC / str(pid) / "stat").read_text(encoding="ascii", errors="replace")
        except OSError:
            break
        pid = int(text.rpartition(")")[2].split()[_PARENT])
    return found
