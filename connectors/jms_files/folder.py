"""A drop folder: files are picked up whole, read in batches, and moved aside once every event is committed.

The system beside us writes a file under a name that starts with a dot or ends in ``.tmp`` or ``.part``, then renames
it. One that writes into the folder under the last name is waited for: a file that has changed since it was picked up is
read again, also where that shows only after it was put aside (by this process). A file is first renamed into
``working``; after a crash it is read again from there, and events it already gave are duplicates that change nothing. A
file of which any input was refused ends in ``refused``, all others in ``processed``.

What the system says when a file cannot be read decides: one that we may not read stays so until somebody mends it, and
is refused; a disk or a share that fails may be back in a minute, and its file waits in ``working``.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EACCES, EHOSTDOWN, EHOSTUNREACH, EISDIR, ELOOP, ENOTCONN, EPERM, ESTALE, ETIMEDOUT, errorcode
from pathlib import Path
from typing import Final

import orjson
import structlog

from connectors.durable import sync_folder
from connectors.jms_files.naming import short_name
from connectors.jms_files.reader import MapDocument, read_file
from integration.errors import TransientError
from integration.services.intake import Input
from schemas.refusals import InvalidEventError, Reason

_log = structlog.get_logger()
_UNFINISHED = (".tmp", ".part")
_LOOKED_AT: Final = 100
"""Files that were put aside last and are looked at for what is still written to them."""
_FOR_GOOD: Final = frozenset({EACCES, EPERM, EISDIR, ELOOP})
"""Errors of reading that do not pass by themselves. Every other (EIO, ESTALE, ETIMEDOUT, ENOMEM, …) may."""
_SHARE: Final = frozenset({ESTALE, ETIMEDOUT, EHOSTDOWN, EHOSTUNREACH, ENOTCONN})
"""A file server that does not answer. Any other error of moving a file is a disk that cannot be written: stop."""


class FileUnavailableError(TransientError):
    """A dropped file, or its folder, cannot be read at the moment: it is as it was, try again."""


@contextmanager
def _moving(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in _SHARE:
            raise
        raise unavailable(error, name) from error


def unavailable(error: OSError, name: str = "") -> FileUnavailableError:
    """Return the error to raise for one that may pass; it names the file by its short name, if any."""
    what = errorcode.get(error.errno or 0, type(error).__name__)
    return FileUnavailableError(f"{short_name(name)}: {what}" if name else what)


def refusal_of(error: OSError) -> InvalidEventError | None:
    """Return what a file is refused for that the system will not let us read; None where it may pass."""
    if error.errno not in _FOR_GOOD:
        return None
    return InvalidEventError(Reason.UNREADABLE_FILE, f"the file cannot be read: {errorcode[error.errno]}")


class DropFolder:
    """One watched folder and its three neighbours below it."""

    def __init__(self, path: Path, map_document: MapDocument) -> None:
        """Make the folders that are missing. Args: ``map_document`` reads XML files."""
        self.path = path
        self._map_document = map_document
        self._working = path / "working"
        self._processed = path / "processed"
        self._refused = path / "refused"
        self._picked: dict[Path, tuple[int, int]] = {}
        self._aside: dict[Path, tuple[str, tuple[int, int]]] = {}
        for folder in (path, self._working, self._processed, self._refused):
            folder.mkdir(parents=True, exist_ok=True)

    def waiting(self) -> list[Path]:
        """Return the files to read: those a crash left behind first, then new ones, oldest name first.

        Raises:
            FileUnavailableError: the folder cannot be listed at the moment.
        """
        try:
            self._take_back()
            return sorted(self._files(self._working)) + sorted(
                file for file in self._files(self.path) if not file.name.endswith(_UNFINISHED)
            )
        except OSError as error:
            raise unavailable(error) from error

    def _files(self, folder: Path) -> Iterator[Path]:
        return (each for each in folder.iterdir() if each.is_file() and not each.name.startswith("."))

    def pick_up(self, file: Path) -> Path:
        """Take a file out of the way of whoever writes here; the rename is atomic.

        Raises:
            FileUnavailableError: it cannot be moved at the moment.
            OSError: the disk cannot be written.
        """
        target = file
        with _moving(file.name):
            if file.parent != self._working:
                target = _free_name(self._working, file.name)
                file.rename(target)
            self._picked[target] = _mark(target)
        return target

    def _take_back(self) -> None:
        """Read again what was put aside and is written to all the same: whoever copies slowly had only begun."""
        for file, (name, mark) in list(self._aside.items()):
            try:
                if _mark(file) == mark:
                    continue
                file.rename(_free_name(self._working, name))
                _log.warning("file.written_late", file=short_name(name))
            except FileNotFoundError:
                pass  # cleared away
            del self._aside[file]

    def read(self, picked: Path) -> Iterator[Input]:
        """Yield the inputs of a file that was picked up; places call it by its short name (`short_name`).

        One that the system will not let us read, or not to its end, is one refused input more.

        Raises:
            FileUnavailableError: it cannot be read at the moment.
        """
        place = str(self.path / short_name(picked.name))
        try:
            yield from read_file(picked, self._map_document, name=place)
        except OSError as error:
            refusal = refusal_of(error)
            if refusal is None:
                raise unavailable(error, picked.name) from error
            yield Input(place, self.about(picked), refusal=refusal)

    def about(self, picked: Path) -> bytes:
        """Return what is kept, encrypted, of a file that cannot be read: its name, and what tells it from the next."""
        try:
            found = picked.lstat()
            told = {"bytes": found.st_size, "modified_ns": found.st_mtime_ns, "inode": found.st_ino}
        except OSError:
            told = {}
        name = os.fsencode(picked.name).decode(errors="backslashreplace")
        return orjson.dumps({"unreadable_file": name, "folder": str(self.path), **told})

    def finish(self, picked: Path, *, refused: bool) -> Path:
        """Move a file aside. Every event of it MUST be committed.

        Raises:
            FileUnavailableError: it cannot be moved at the moment, or was written to since it was picked up: it is to
                be read again, and what it gave already will be duplicates.
            OSError: the disk cannot be written.
        """
        with _moving(picked.name):
            before, mark = self._picked.pop(picked, None), _mark(picked)
            if before is not None and before != mark:
                raise FileUnavailableError(f"{short_name(picked.name)}: it is still being written")
            target = _free_name(self._refused if refused else self._processed, picked.name)
            picked.rename(target)
            sync_folder(target.parent)
        self._aside[target] = picked.name, mark
        while len(self._aside) > _LOOKED_AT:
            del self._aside[next(iter(self._aside))]
        return target


def _mark(file: Path) -> tuple[int, int]:
    """Return what changes when a file is written to."""
    found = file.lstat()
    return found.st_size, found.st_mtime_ns


def _free_name(folder: Path, name: str) -> Path:
    target = folder / name
    number = 1
    while target.exists():
        target = folder / f"{name}.{number}"
        number += 1
    return target
