"""A drop folder: files are picked up whole, read in batches, and moved aside once every event is committed.

The system beside us writes a file under a name that starts with a dot or ends in ``.tmp`` or ``.part``, then renames
it. A file is first renamed into ``working``; after a crash it is read again from there, and events it already gave
are duplicates that change nothing. A file of which any input was refused ends in ``refused``, all others in
``processed``.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from connectors.jms_files.reader import MapDocument, read_file
from integration.errors import HoldwatchError
from integration.services.intake import Input

_UNFINISHED = (".tmp", ".part")


class UnreadableFileError(HoldwatchError):
    """A dropped file that the system does not let us read: set it aside, go on with the next."""


class DropFolder:
    """One watched folder and its three neighbours below it."""

    def __init__(self, path: Path, map_document: MapDocument) -> None:
        """Make the folders that are missing. Args: ``map_document`` reads XML files."""
        self.path = path
        self._map_document = map_document
        self._working = path / "working"
        self._processed = path / "processed"
        self._refused = path / "refused"
        for folder in (path, self._working, self._processed, self._refused):
            folder.mkdir(parents=True, exist_ok=True)

    def waiting(self) -> list[Path]:
        """Return the files to read: those a crash left behind first, then new ones, oldest name first."""
        return sorted(self._files(self._working)) + sorted(
            file for file in self._files(self.path) if not file.name.endswith(_UNFINISHED)
        )

    def _files(self, folder: Path) -> Iterator[Path]:
        return (each for each in folder.iterdir() if each.is_file() and not each.name.startswith("."))

    def pick_up(self, file: Path) -> Path:
        """Take a file out of the way of whoever writes here; the rename is atomic."""
        if file.parent == self._working:
            return file
        target = _free_name(self._working, file.name)
        file.rename(target)
        return target

    def read(self, picked: Path) -> Iterator[Input]:
        """Yield the inputs of a file that was picked up; places name the file as it was dropped.

        Raises:
            UnreadableFileError: the system does not let us read it.
        """
        try:
            yield from read_file(picked, self._map_document, name=str(self.path / picked.name))
        except OSError as error:
            raise UnreadableFileError(f"{picked.name}: {error.strerror}") from error

    def finish(self, picked: Path, *, refused: bool) -> Path:
        """Move a file aside. Every event of it MUST be committed."""
        target = _free_name(self._refused if refused else self._processed, picked.name)
        picked.rename(target)
        _sync(target.parent)
        return target


def _free_name(folder: Path, name: str) -> Path:
    target = folder / name
    number = 1
    while target.exists():
        target = folder / f"{name}.{number}"
        number += 1
    return target


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
