"""Reading the roster, and knowing when it has changed. Errors name a line, never what stands in it."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Final

from integration.domain.messages.people import MISSING, Person, Roster
from integration.errors import HoldwatchError

_NEEDED: Final = ("family_name", "given_name", "booking")
_LARGEST: Final = 256 * 1024 * 1024


class RosterFault(StrEnum):
    """Why a file is no roster."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    NOT_UTF8 = "not_utf8"
    BAD_HEADER = "bad_header"
    BAD_LINE = "bad_line"
    EMPTY = "empty"
    """It names nobody. A jail without anybody in it is less likely than a file that is not finished."""
    CHANGING = "changing"
    """It was written to while it was read."""


class RosterError(HoldwatchError):
    """A file is no roster."""

    def __init__(self, fault: RosterFault, line: int = 0) -> None:
        """Args: ``line`` counts from 1; 0 where it is about the file."""
        super().__init__(f"{fault.value} (line {line})" if line else fault.value)
        self.fault = fault
        self.line = line


def read_roster(path: Path) -> Roster:
    """Read a roster.

    Raises:
        RosterError: it cannot be read whole; no part of it is used.
    """
    before = _stamp(path)
    try:
        if path.stat().st_size > _LARGEST:
            raise RosterError(RosterFault.TOO_LARGE)
        raw = path.read_bytes()
    except OSError:
        raise RosterError(RosterFault.UNREADABLE) from None
    if before is None or _stamp(path) != before:
        raise RosterError(RosterFault.CHANGING if before else RosterFault.MISSING)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RosterError(RosterFault.NOT_UTF8) from None
    roster = Roster(_people(text))
    if not len(roster):
        raise RosterError(RosterFault.EMPTY)
    return roster


def _people(text: str) -> Iterator[Person]:
    rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        names = list(rows.fieldnames or ())
        if len(set(names)) != len(names) or not set(_NEEDED) <= set(names):
            raise RosterError(RosterFault.BAD_HEADER, 1)
        for row in rows:
            # Too many fields, or too few; or a stray quote has swallowed the lines between it and the next.
            if None in row or None in row.values() or any("\n" in text or "\r" in text for text in row.values()):
                raise RosterError(RosterFault.BAD_LINE, rows.line_num)
            yield _person(row, rows.line_num)
    except csv.Error:
        raise RosterError(RosterFault.BAD_LINE, rows.line_num + 1) from None  # It counts lines that it has read.


def _person(row: dict[str, str], line: int) -> Person:
    family, given, booking = (row[name].strip() for name in _NEEDED)
    born = row.get("birth_date", "").strip()
    if not (family or given or booking):
        raise RosterError(RosterFault.BAD_LINE, line)
    try:
        return Person(family, given, date.fromisoformat(born) if born else None, booking)
    except ValueError:
        raise RosterError(RosterFault.BAD_LINE, line) from None


_Stamp = tuple[int, int, int]


def _stamp(path: Path) -> _Stamp | None:
    """Return what changes when the file does; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


class RosterFile:
    """A roster that follows its file. `current` may be asked by any thread, `look` by one."""

    def __init__(self, path: Path) -> None:
        """Read nothing yet: until `look` there is no roster."""
        self._path = path
        self._stamp: _Stamp | None = None
        self._told: RosterFault | None = None
        self.current: Roster = MISSING
        """Who is in custody, as last read."""

    def look(self) -> bool:
        """Read the file if it has changed; tell whether there is a new roster.

        Raises:
            RosterError: it cannot be read, and this was not told before. The roster stays as it was.
        """
        stamp = _stamp(self._path)
        if stamp is None:
            self._stamp = None
            self._fail(RosterError(RosterFault.MISSING))
            return False
        if stamp == self._stamp:
            return False
        try:
            roster = read_roster(self._path)
        except RosterError as error:
            self._stamp = None if error.fault is RosterFault.CHANGING else stamp
            if error.fault is not RosterFault.CHANGING:
                self._told = None  # Another broken file is told, too.
                self._fail(error)
            return False
        self._stamp, self._told, self.current = stamp, None, roster
        return True

    def _fail(self, error: RosterError) -> None:
        if error.fault is not self._told:
            self._told = error.fault
            raise error
