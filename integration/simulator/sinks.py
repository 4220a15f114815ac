"""Where simulated lines go: a stream, a file, a folder with one file a day, a running service that reads a folder.

A file appears under its name only when it is whole, so that every folder written to may be a watched drop folder.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from integration.simulator.pace import MILLISECONDS, Pace

_HELD: Final = 64 * 2**20
"""Bytes kept in memory before they are written."""
_SOURCE: Final = b'"source":"'
_WAITING: Final = 8
"""Files that may wait for a service; then it is behind, and gets no more until it has caught up."""
_LOOK_EVERY: Final = 0.05
"""Seconds."""


class Sink(Protocol):
    """What lines are written to."""

    def write(self, at: int, line: bytes) -> None:
        """Take a line without its newline, which arrives ``at`` a millisecond since the epoch."""

    def end_day(self, day: int) -> None:
        """Take note that so many days are over."""

    def close(self) -> None:
        """Finish what is begun."""

    def give_up(self) -> None:
        """Leave nothing half done behind."""


@contextmanager
def closing(sink: Sink) -> Iterator[Sink]:
    """Close a sink after the body; leave nothing half done behind where it fails."""
    try:
        yield sink
    except BaseException:
        sink.give_up()
        raise
    sink.close()


class ToStream:
    """Lines to an open stream, such as standard output. Where nobody paces them they come at once."""

    def __init__(self, stream: BinaryIO) -> None:
        """Args: ``stream`` stays open."""
        self._stream = stream

    def write(self, at: int, line: bytes) -> None:  # noqa: ARG002  see Sink
        """Write a line."""
        self._stream.write(line + b"\n")

    def end_day(self, day: int) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Flush."""
        self._stream.flush()

    def give_up(self) -> None:
        """Do nothing: what is written is written."""


class _Files:
    """Files of one name, in one folder or in one folder for each jail; all appear at `finish`."""

    def __init__(self, folder: Path, *, by_jail: bool) -> None:
        self._folder = folder
        self._by_jail = by_jail
        self._lines: defaultdict[bytes, list[bytes]] = defaultdict(list)
        self._held = 0
        self._parts: dict[bytes, Path] = {}
        self.name = ""

    def write(self, line: bytes) -> None:
        self._lines[_slug(line) if self._by_jail else b""].append(line)
        self._held += len(line)
        if self._held > _HELD:
            self._spill()

    def _spill(self) -> None:
        for jail, lines in self._lines.items():
            folder = self._folder / jail.decode()
            folder.mkdir(parents=True, exist_ok=True)
            begun = jail in self._parts
            part = self._parts[jail] = folder / f".{self.name}.part"
            with part.open("ab" if begun else "wb") as file:
                file.write(b"\n".join(lines) + b"\n")
        self._lines.clear()
        self._held = 0

    def finish(self) -> None:
        self._spill()
        for part in self._parts.values():
            part.replace(part.with_name(self.name))
        self._parts.clear()

    def give_up(self) -> None:
        for part in self._parts.values():
            part.unlink(missing_ok=True)

    def waiting(self) -> int:
        """Return how many files nobody has taken away yet."""
        folders = [self._folder, *self._folder.iterdir()] if self._by_jail else [self._folder]
        names = (each.name for folder in folders if folder.is_dir() for each in folder.iterdir() if each.is_file())
        return sum(not name.startswith(".") for name in names)


def _slug(line: bytes) -> bytes:
    """Return the last part of a line's source. Type and id stand before it, and are ours."""
    at = line.index(_SOURCE) + len(_SOURCE)
    return line[at : line.index(b'"', at)].rpartition(b"/")[2]


class ToFile:
    """All lines to one file."""

    def __init__(self, path: Path) -> None:
        """Args: ``path`` of the file; its folder is made."""
        self._files = _Files(path.parent, by_jail=False)
        self._files.name = path.name

    def write(self, at: int, line: bytes) -> None:  # noqa: ARG002  see Sink
        """Write a line."""
        self._files.write(line)

    def end_day(self, day: int) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Let the file appear."""
        self._files.finish()

    def give_up(self) -> None:
        """Remove what was begun."""
        self._files.give_up()


class ToFolder:
    """One file for each day of arrival, or one for each jail and day."""

    def __init__(self, folder: Path, start: date, *, by_jail: bool) -> None:
        """Start with the first day.

        Args:
            folder: where files go; it is made.
            start: the first day.
            by_jail: whether each jail has a folder of its own below it.
        """
        self._files = _Files(folder, by_jail=by_jail)
        self._start = start
        self.end_day(0)

    def write(self, at: int, line: bytes) -> None:  # noqa: ARG002  see Sink
        """Write a line."""
        self._files.write(line)

    def end_day(self, day: int) -> None:
        """Let the day's files appear."""
        self._files.finish()
        self._files.name = f"events-{self._start + timedelta(day)}.jsonl"

    def close(self) -> None:
        """Let the last files appear."""
        self._files.finish()

    def give_up(self) -> None:
        """Remove what was begun."""
        self._files.give_up()


class ToService:
    """Small files for a service that watches the folder, as time goes by or as fast as it reads."""

    def __init__(
        self,
        folder: Path,
        pace: Pace,
        *,
        by_jail: bool,
        on_waiting: Callable[[], None] = lambda: None,
    ) -> None:
        """Start with nothing written.

        Args:
            folder: that the service watches, or that holds the folders that it watches.
            pace: as fast as lines come.
            by_jail: whether each jail has a folder of its own.
            on_waiting: told when the service is behind, once each time.
        """
        self._files = _Files(folder, by_jail=by_jail)
        self._pace = pace
        self._on_waiting = on_waiting
        self._number = 0

    def write(self, at: int, line: bytes) -> None:
        """Write a line; first let the time come that it belongs to."""
        if self._number == 0:
            self._begin(at)
        elif self._pace.is_over(at):
            self._hand_over()
            self._begin(at)
        self._files.write(line)

    def _begin(self, at: int) -> None:
        self._pace.begin(at)
        self._number += 1
        instant = datetime.fromtimestamp(at // MILLISECONDS, UTC)
        self._files.name = f"events-{instant:%Y%m%dT%H%M%S}-{self._number:06}.jsonl"

    def _hand_over(self) -> None:
        self._pace.wait()
        self._files.finish()
        if self._files.waiting() >= _WAITING:
            self._on_waiting()
            while self._files.waiting() >= _WAITING:
                self._pace.sleep(_LOOK_EVERY)

    def end_day(self, day: int) -> None:
        """Do nothing: files follow the clock."""

    def close(self) -> None:
        """Hand the last file over."""
        if self._number:
            self._hand_over()

    def give_up(self) -> None:
        """Remove what was begun."""
        self._files.give_up()
