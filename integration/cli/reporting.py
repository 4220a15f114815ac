"""What the ``holdwatch report`` commands share: where entries come from, what goes into the log, where files go."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final
from zoneinfo import available_timezones

import orjson

from connectors.email.client import EmailChannel
from connectors.notice import SendError
from integration.audit.checkpoint import parse
from integration.audit.note import NoteError
from integration.audit.proofs import root_at
from integration.bootstrap import Installation
from integration.cli.opening import audit_desk, opened_installation
from integration.errors import FatalError, TransientError, UsageError
from integration.policy.pack import Pack
from integration.reports.asked import Asked, Format
from integration.reports.filing import FILED, MEDIA, Written, filed_detail, write
from integration.runners.output import AUDIT, CHECKPOINT
from integration.services.ports import Changes, EntryRow
from integration.settings import Facility
from integration.store.scanning import bodies

DELIVERED: Final = "report.delivered"
_ENTRY: Final = b'"entry":'


@dataclass(frozen=True, slots=True)
class Bodies:
    """Entries that can be gone through more than once."""

    begin: Callable[[], Iterator[bytes | None]]

    def __iter__(self) -> Iterator[bytes | None]:
        """Begin anew."""
        return self.begin()


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


@contextmanager
def opened_source(settings: Path, folder: Path | None) -> Iterator[Source]:
    """Open an exported log where a folder is given, otherwise the installation.

    Raises:
        UsageError: there is none.
    """
    if folder is not None:
        yield _exported(folder)
        return
    with opened_installation(settings) as installation:
        note = parse(installation.checkpointer.publish())
        engine, store = installation.store.engine, installation.store
        yield Source(
            note.origin,
            note.size,
            note.root,
            lambda size: Bodies(lambda: bodies(engine, size)),
            lambda size: root_at(size, store.tile),
            installation,
        )


def _exported(folder: Path) -> Source:
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

    return Source(note.origin, note.size, note.root, lambda _size: Bodies(lambda: lines_of(folder / AUDIT)), known_root)


def lines_of(path: Path) -> Iterator[bytes | None]:
    with path.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            # Nothing before it can hold this: the leaf's quotes are escaped.
            start, end = line.find(_ENTRY), line.rfind(b"}")
            if start < 0 or end < start:
                raise FatalError(f"{path}:{number} is no entry")
            entry = line[start + len(_ENTRY) : end]
            yield None if entry == b"null" else entry


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


def made(
    source: Source, asked: Asked, forms: Sequence[Format], lists: Mapping[str, bytes] | None = None
) -> list[Written]:
    """Count and write a report."""
    return write(asked, source.bodies(asked.size), forms, lists)


def put(folder: Path, source: Source, asked: Asked, files: Sequence[Written], actor: str) -> int | None:
    """Record that a report leaves, then put its files into a folder. Returns the entry's leaf index, if it has one.

    No record, no action: files are named as they should be only after the entry is committed. An exported log cannot
    be written to, and says nothing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for each in files:
        (folder / f".{each.name}.new").write_bytes(each.content)
    index = _record(source, FILED, "filed", actor, filed_detail(asked, files, "folder"), asked.facility)
    for each in files:
        (folder / f".{each.name}.new").replace(folder / each.name)
    return index


def send(source: Source, asked: Asked, files: Sequence[Written], actor: str) -> None:
    """Mail files that are filed already, and record that a relay took them.

    Raises:
        UsageError: the settings name no mailbox, or the copy is not the public one.
        TransientError: the relay did not take them.
    """
    assert source.installation is not None
    settings = source.installation.settings.reports.email
    if settings is None:
        raise UsageError("the settings name no mailbox (reports.email)")
    if not asked.public:
        raise UsageError("only a public copy is mailed: mail is read by machines on its way")
    subject = f"holdwatch report: {asked.report}, {asked.period.name()}"
    text = f"Facility: {asked.facility or 'all'}\nLog: {asked.origin}, {asked.size} entries, root hash {asked.root}\n"
    attached = [(each.name, MEDIA[each.form], each.content) for each in files]
    channel = EmailChannel(settings)
    try:
        asyncio.run(channel.post(subject, text, attached, at=datetime.now(UTC)))
    except SendError as error:
        _record(source, DELIVERED, "failed", actor, filed_detail(asked, files, settings.name), asked.facility)
        raise TransientError(f"the mail relay did not take the report: {error}") from error
    _record(source, DELIVERED, "delivered", actor, filed_detail(asked, files, settings.name), asked.facility)


def _record(source: Source, kind: str, outcome: str, actor: str, detail: Any, facility: str) -> int | None:
    if source.installation is None:
        return None
    desk = audit_desk(source.installation)
    entry = desk.entry(kind, outcome, actor, detail, source=facility)
    indices = desk.write(lambda: ([entry], Changes()))
    source.installation.checkpointer.publish()
    return indices[0] if indices else None


def filed_entry(source: Source, index: int) -> Any:
    """Return the detail of the ``report.filed`` entry at an index.

    Raises:
        UsageError: there is none.
    """
    if source.installation is not None:
        row = source.installation.records.entry(index)
        body = row.body if row is not None else None
    else:
        body = next((each for at, each in enumerate(source.bodies(index + 1)) if at == index), None)
    entry = orjson.loads(body) if body is not None else {}
    if entry.get("kind") != FILED:
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
