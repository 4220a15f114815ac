"""Reports as an installation makes them: where entries come from, what is asked, what was filed."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any, Final
from zoneinfo import available_timezones

import orjson

from integration.audit.checkpoint import Checkpoint, parse
from integration.audit.note import NoteError
from integration.audit.proofs import root_at
from integration.bootstrap import Installation
from integration.errors import FatalError, UsageError
from integration.policy.pack import Pack
from integration.reports.asked import Asked, Format, ReportKind
from integration.reports.counting.period import Period
from integration.reports.filing import FILED, Written, write
from integration.runners.output import AUDIT, CHECKPOINT
from integration.services.ports import EntryRow
from integration.settings import Facility
from integration.store.scanning import bodies, some_bodies

MADE: Final = "report.made"
"""A report that somebody made to look at: nobody has filed it."""
_ENTRY: Final = b'"entry":'
_TO_ENTRY: Final = len(_ENTRY)
_BUFFER: Final = 1 << 20
"""Bytes that are read at once."""


@dataclass(frozen=True, slots=True)
class Bodies:
    """Entries that can be gone through more than once."""

    begin: Callable[[], Iterator[bytes | None]]
    choose: Callable[[Collection[int]], Iterator[tuple[int, bytes | None]]] | None = None
    """A faster way to some of them, if there is one."""

    def __iter__(self) -> Iterator[bytes | None]:
        """Begin anew."""
        return self.begin()

    def pick(self, leaves: Collection[int]) -> Iterator[tuple[int, bytes | None]]:
        """Yield some entries with their numbers, in order."""
        if self.choose is not None:
            return self.choose(leaves)
        return ((index, body) for index, body in enumerate(self) if index in leaves)


@dataclass(frozen=True, slots=True)
class Source:
    """A log to count from: an installation's, or an exported one."""

    origin: str
    size: int
    root: bytes
    bodies: Callable[[int], "Bodies"]
    """From a number of entries to their bodies."""
    root_at: Callable[[int], bytes]
    installation: Installation | None = None

    def rooted(self, asked: Asked) -> Asked:
        """Say in a request which log it is counted from."""
        return replace(asked, origin=self.origin, size=self.size, root=self.root.hex())


def installed(installation: Installation, head: Checkpoint) -> Source:
    """Return an installation's log, up to a checkpoint of it that was just signed."""
    engine, store = installation.store.engine, installation.store
    return Source(
        head.origin,
        head.size,
        head.root,
        lambda size: Bodies(lambda: bodies(engine, size), lambda leaves: some_bodies(engine, leaves)),
        lambda size: root_at(size, store.tile),
        installation,
    )


def exported(folder: Path) -> Source:
    """Return an exported log.

    Raises:
        UsageError: there is none.
    """
    try:
        note = parse((folder / CHECKPOINT).read_bytes())
    except (OSError, NoteError):
        raise UsageError(f"{folder} holds no exported log: its checkpoint cannot be read") from None
    if not (folder / AUDIT).is_file():
        raise UsageError(f"{folder} holds no {AUDIT}")

    def known_root(size: int) -> bytes:
        if size != note.size:
            raise UsageError(f"the export ends at {note.size} entries; the report was counted from {size}")
        return note.root

    path = folder / AUDIT
    return Source(note.origin, note.size, note.root, lambda _size: file_of(path), known_root)


def file_of(path: Path) -> Bodies:
    """Return the entries of an ``audit.jsonl``."""
    return Bodies(lambda: lines_of(path), lambda leaves: _lines_at(path, leaves))


def lines_of(path: Path) -> Iterator[bytes | None]:
    """Yield the bodies of ``audit.jsonl``; None for a sealed entry.

    Raises:
        FatalError: a line is no entry.
    """
    with path.open("rb", _BUFFER) as stream:
        for number, line in enumerate(stream, 1):
            # Nothing before it can hold this: the leaf's quotes are escaped.
            start = line.find(_ENTRY)
            # Almost always the line ends with the entry's and its own brace.
            end = len(line) - 2 if line.endswith(b"}}\n") else line.rfind(b"}")
            if start < 0 or end < start:
                raise FatalError(f"{path}:{number} is no entry")
            entry = line[start + _TO_ENTRY : end]
            yield None if entry == b"null" else entry


def _lines_at(path: Path, leaves: Collection[int]) -> Iterator[tuple[int, bytes | None]]:
    with path.open("rb", _BUFFER) as stream:
        at = 0
        for index in sorted(leaves):
            for line in islice(stream, index - at, index - at + 1):
                entry = line[line.find(_ENTRY) + _TO_ENTRY : line.rfind(b"}")]
                yield index, None if entry == b"null" else entry
            at = index + 1


def program_version() -> str:
    """Return this program's version."""
    return version("holdwatch")


def day(text: str, option: str) -> date:
    """Read a day.

    Raises:
        UsageError: it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text}: give a day as 2026-01-31") from None


def facility_of(source: Source, named: str | None) -> Facility | None:
    """Return the facility that is meant; None means all of them, or that the log is an exported one.

    Raises:
        UsageError: there is no such facility.
    """
    if source.installation is None:
        return None
    facilities = source.installation.settings.facilities
    if named is None:
        return facilities[0] if len(facilities) == 1 else None
    chosen = next((each for each in facilities if each.source == named), None)
    if chosen is None:
        raise UsageError(f"--facility {named}: the settings have no such source")
    return chosen


def zone_of(source: Source, facility: Facility | None, given: str | None) -> str:
    """Return the time zone whose days count.

    Raises:
        UsageError: there are several, or it is not known.
    """
    if given is not None:
        if given not in available_timezones():
            raise UsageError(f"--zone {given}: no IANA time zone of that name")
        return given
    if facility is not None:
        return facility.zone
    zones = {each.zone for each in source.installation.settings.facilities} if source.installation else set()
    if len(zones) == 1:
        return zones.pop()
    raise UsageError("whose days count? Give --zone, or one --facility")


def pack_of(source: Source, facility: Facility | None, asked: Asked) -> Pack | None:
    """Return the pack in force at the end of a report's period; None where nobody says which."""
    if source.installation is None or facility is None:
        return None
    end = datetime.fromisoformat(asked.period.end_text)
    return source.installation.pack_for(facility.source, int(end.timestamp()) * 1_000_000 - 1)


def asked_for(
    source: Source,
    kind: ReportKind,
    period: Period,
    name: str,
    facility: Facility | None,
    *,
    public: bool,
    below: int | None,
    columns: str,
) -> Asked:
    """Say whole what is asked for.

    Args:
        source: the log.
        kind: which report.
        period: whose days.
        name: the feed; empty: all of them.
        facility: the same, where it is one; its pack names recipient and threshold.
        public: whether it is the public copy.
        below: counts from 1 to one below are left out; None: as the pack says.
        columns: the column set of a council's report.

    Raises:
        UsageError: it is a public copy, and nobody says which counts are small.
    """
    asked = Asked(
        report=kind.value,
        first=period.first.isoformat(),
        end=period.end.isoformat(),
        zone=period.zone,
        facility=name,
        columns=columns,
        public=public,
        suppress_below=below or 0,
        recipient="",
        version=program_version(),
        origin="",
        size=0,
        root="",
    )
    if source.installation is not None:
        known = source.installation.settings.facilities
        limits = {each.source: max(1, int(each.silent_after_minutes)) for each in known if name in {"", each.source}}
        asked = replace(asked, feeds=limits)
    pack = pack_of(source, facility, asked)
    if pack is not None:
        small = pack.report.suppress_below if below is None else below
        asked = replace(asked, recipient=pack.report.recipient, suppress_below=small)
    elif public and below is None:
        raise UsageError("no one pack says which counts are small: give --suppress-below")
    return source.rooted(asked)


def made(
    source: Source, asked: Asked, forms: Sequence[Format], lists: Mapping[str, bytes] | None = None
) -> list[Written]:
    """Count and write a report."""
    return write(asked, source.bodies(asked.size), forms, lists)


def filed_entry(source: Source, index: int) -> Any:
    """Return the detail of the entry that filed, or made, a report.

    Raises:
        UsageError: there is none.
    """
    if source.installation is not None:
        row = source.installation.records.entry(index)
        body = row.body if row is not None else None
    else:
        body = next((each for at, each in enumerate(source.bodies(index + 1)) if at == index), None)
    entry = orjson.loads(body) if body is not None else {}
    if entry.get("kind") not in {FILED, MADE}:
        raise UsageError(f"entry {index} files no report; `holdwatch audit show --kind {FILED}` lists those that do")
    return entry["detail"]


def detail_of(row: EntryRow) -> dict[str, Any]:
    """Return an entry's detail; nothing for a sealed one."""
    detail: dict[str, Any] = orjson.loads(row.body)["detail"] if row.body is not None else {}
    return detail


def check_root(source: Source, asked: Asked) -> None:
    """See that the log still begins with what a report was counted from.

    Raises:
        FatalError: it does not.
    """
    if asked.size > source.size or source.root_at(asked.size).hex() != asked.root:
        raise FatalError(f"the log's first {asked.size} entries are not those that the report was counted from")
