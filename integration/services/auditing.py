"""What people do to the log: read, export, prove, seal. Each is itself an entry, committed before it has any effect."""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Protocol

import orjson

from integration.audit.entry import JSON, Entry, jsonl_row, leaf
from integration.audit.merkle import Tree
from integration.audit.sealing import Logged, Order, SealingError, seal
from integration.domain.instants import Instant
from integration.errors import FatalError, LogConflictError, TransientError, UsageError
from integration.services.ports import Changes, EntryRow, FindingRow, SealedRow, Store
from integration.services.projections import DECISION_KINDS, FINDING_KINDS, key_of, projected, rebuild
from integration.services.recorder import Recorder, random_salts

_ATTEMPTS = 20
"""A running service extends the log too; each attempt starts from the log's new end."""
_PAUSE = 0.02
"""Seconds between them."""


class Entries(Protocol):
    """The read side of the log."""

    def entry(self, index: int) -> EntryRow | None:
        """Return one entry."""
        ...

    def entries_of_kinds(self, kinds: Collection[str]) -> Iterator[EntryRow]:
        """Yield the entries of some kinds, in leaf order."""
        ...


class AuditDesk:
    """Writes single entries beside a running service: the loser of a race for the log's end begins again."""

    def __init__(self, store: Store, *, place: str, now: Callable[[], Instant]) -> None:
        """Args: ``place`` names this installation (AU-3 "where"); ``now`` gives the current time."""
        self._store = store
        self._place = place
        self._now = now

    def record(self, kind: str, outcome: str, actor: str, detail: Mapping[str, JSON], *, booking: str = "") -> int:
        """Write one entry and return its leaf index.

        Args:
            kind: what was done, as in ``audit.read``.
            outcome: how it ended.
            actor: who did it, as in ``officer:jdoe``.
            detail: what belongs to the kind.
            booking: the booking number that it is about, if it is about one.

        Raises:
            UsageError: a text holds what has no exact written form.
            TransientError: the database is not available.
            LogConflictError: the log kept growing, or is not where its own record says.
        """
        entry = Entry(
            kind=kind,
            at=self._now(),
            source="",
            booking=booking,
            actor=actor,
            outcome=outcome,
            place=self._place,
            pack="",
            pack_revision="",
            detail=detail,
        )
        return self._commit(lambda: (entry, Changes()))

    def seal(self, entries: Entries, index: int, *, authority: str, actor: str) -> int:
        """Take an entry out of sight on a court's order; returns the leaf index of the entry that records it.

        Salt and body go, and what findings and decisions say because of them; every proof stays valid.

        Args:
            entries: the log to read it from.
            index: its leaf index.
            authority: the court order's number or the statute that asks for it.
            actor: who carries it out.

        Raises:
            UsageError: there is no such entry, it is sealed already, or it records a sealing itself.
            TransientError: the database is not available.
            LogConflictError: see `record`.
        """

        def prepare() -> tuple[Entry, Changes]:
            row = entries.entry(index)
            if row is None:
                raise UsageError(f"the log has no entry {index}")
            data = b"" if row.salt is None or row.body is None else leaf(row.salt, row.body)
            order = Order(
                authority=authority,
                actor=actor,
                at=self._now(),
                source="",
                place=self._place,
                pack="",
                pack_revision="",
            )
            try:
                _, record = seal(Logged(index, row.kind, data, row.salt, row.body), order)
            except SealingError as error:
                raise UsageError(str(error)) from error
            changes = Changes(sealed=[SealedRow(index, data)])
            _unproject(row, entries, changes)
            return record, changes

        return self._commit(prepare)

    def _commit(self, prepare: Callable[[], tuple[Entry, Changes]]) -> int:
        for attempt in range(_ATTEMPTS):
            recorder = Recorder(Tree.restore(self._store.tree_size(), self._store.tile), random_salts)
            entry, changes = prepare()
            index = recorder.size
            try:
                recorder.write(entry)
            except ValueError as error:
                raise UsageError(f"this cannot be recorded: {error}") from error
            recorder.fill(changes)
            try:
                self._store.commit(changes)
            except LogConflictError:
                if attempt == _ATTEMPTS - 1:
                    raise
                time.sleep(_PAUSE)
            else:
                return index
        raise TransientError("the log could not be extended")  # not reached: the last attempt returns or raises


def _unproject(row: EntryRow, entries: Entries, changes: Changes) -> None:
    """Put what the projections say because of an entry back to what the other entries say."""
    assert row.body is not None
    gone = projected(orjson.loads(row.body))
    if gone is None:
        return
    key = key_of(gone)
    kinds = FINDING_KINDS if isinstance(gone, FindingRow) else DECISION_KINDS
    left = rebuild(each for each in entries.entries_of_kinds(kinds) if each.leaf_index != row.leaf_index).get(key)
    if left is not None:
        if isinstance(left.row, FindingRow):
            changes.findings.append(left.row)
        else:
            changes.decisions.append(left.row)
    elif isinstance(gone, FindingRow):
        changes.gone_findings.append(gone.finding_id)
    else:
        changes.gone_decisions.append((gone.source, gone.request, gone.request_id))


def leaf_of(row: EntryRow, sealed: Mapping[int, bytes]) -> bytes:
    """Return an entry's leaf data.

    Args:
        row: the entry.
        sealed: leaf data of the sealed entries, by leaf index.

    Raises:
        FatalError: salt or body is gone, and no sealing took it.
    """
    if row.salt is None or row.body is None:
        if row.leaf_index not in sealed:
            raise FatalError(f"entry {row.leaf_index} has no body, and no sealing kept its leaf")
        return sealed[row.leaf_index]
    return leaf(row.salt, row.body)


def audit_lines(rows: Iterable[EntryRow], sealed: Mapping[int, bytes]) -> Iterator[bytes]:
    """Yield the lines of ``audit.jsonl``; a sealed entry's line tells its stored hash instead of a body."""
    for row in rows:
        digest = row.leaf_hash if row.body is None else None
        yield jsonl_row(row.leaf_index, leaf_of(row, sealed), row.salt, row.body, digest=digest)


def read_entry(row: EntryRow) -> dict[str, Any] | None:
    """Return an entry as it was written, or None where it is sealed."""
    entry: dict[str, Any] | None = None if row.body is None else orjson.loads(row.body)
    return entry
