"""What people do to the log: read, export, prove, seal. Each is itself an entry, committed before it has any effect."""

import time
from base64 import b64encode
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import orjson

from integration.audit.entry import JSON, Entry, jsonl_row, leaf
from integration.audit.merkle import Tree
from integration.audit.sealing import Logged, Order, SealingError, seal
from integration.domain.instants import Instant
from integration.errors import FatalError, LogConflictError, StaleReadError, TransientError, UsageError
from integration.policy.pack import Pack
from integration.services.ports import Changes, EntryRow, FindingRow, SealedRow, Store
from integration.services.projections import DECISION_KINDS, FINDING_KINDS, key_of, projected, rebuild
from integration.services.recorder import Appender, Log, Recorder, random_salts

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


Prepare = Callable[[], tuple[Sequence[Entry], Changes]]
"""Reads what an act depends on and returns what it writes. Called anew for each attempt.

Whatever has changed so that the act must not happen any more, it raises.
"""


class Desk(Protocol):
    """Who writes what people do: an `AuditDesk`, or what lets many threads use one."""

    def entry(
        self, kind: str, outcome: str, actor: str, detail: dict[str, JSON], *, source: str = "", booking: str = ""
    ) -> Entry:
        """Return an entry about an act of now."""
        ...

    def write(self, prepare: Prepare) -> list[int]:
        """See `AuditDesk.write`."""
        ...


class AuditDesk:
    """Writes what people and side processes do, beside a running service.

    Where the engine extends the log itself, the loser of a race for the log's end begins again. Where workers leave
    that to the sequencer, it is left to the sequencer here too. One thread.
    """

    def __init__(self, store: Store, *, place: str, now: Callable[[], Instant], beside: bool = False) -> None:
        """Begin; nothing is read yet.

        Args:
            store: what the acts are written to.
            place: names this installation (AU-3 "where").
            now: gives the current time.
            beside: whether a sequencer gives entries their place (an installation of workers).
        """
        self._store = store
        self._place = place
        self._now = now
        self._beside = beside
        self._log: Log | None = None

    def entry(
        self,
        kind: str,
        outcome: str,
        actor: str,
        detail: Mapping[str, JSON],
        *,
        source: str = "",
        booking: str = "",
        pack: Pack | None = None,
        at: Instant | None = None,
    ) -> Entry:
        """Return an entry about an act of now, for `write`.

        Args:
            kind: what was done, as in ``audit.read``.
            outcome: how it ended.
            actor: who did it, as in ``officer:jdoe``.
            detail: what belongs to the kind.
            source: the feed that it is about, if it is about one.
            booking: the booking number that it is about, if it is about one.
            pack: the policy that it was decided under, if it was decided.
            at: when; None: now.
        """
        return Entry(
            kind=kind,
            at=self._now() if at is None else at,
            source=source,
            booking=booking,
            actor=actor,
            outcome=outcome,
            place=self._place,
            pack=pack.id if pack else "",
            pack_revision=pack.revision if pack else "",
            detail=detail,
        )

    def write(self, prepare: Prepare) -> list[int]:
        """Write entries, and what goes with them, in one transaction, durable on return.

        Returns:
            The entries' leaf indices; none where the sequencer gives them later.

        Raises:
            UsageError: a text holds what has no exact written form; and whatever ``prepare`` raises.
            TransientError: the database is not available, or others kept changing what was read.
            LogConflictError: the log kept growing, or is not where its own record says.
        """
        for attempt in range(_ATTEMPTS):
            entries, changes = prepare()
            try:
                log = self._at_the_end()
                first = log.size
                for entry in entries:
                    log.write(entry)
                log.fill(changes)
                self._store.commit(changes)
            except ValueError as error:
                self._log = None
                raise UsageError(f"this cannot be recorded: {error}") from error
            except (LogConflictError, StaleReadError):
                self._log = None
                if attempt == _ATTEMPTS - 1:
                    raise
                time.sleep(_PAUSE if attempt else 0)
            except BaseException:
                self._log = None
                raise
            else:
                log.committed()
                return [] if self._beside else list(range(first, log.size))
        raise TransientError("the log could not be extended")  # not reached: the last attempt returns or raises

    def _at_the_end(self) -> Log:
        if self._log is not None:
            self._log.catch_up(self._store)
        elif self._beside:
            self._log = Appender()
        else:
            self._log = Recorder(Tree.restore(self._store.tree_size(), self._store.tile), random_salts)
        return self._log

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
        return self._alone(lambda: ([self.entry(kind, outcome, actor, detail, booking=booking)], Changes()))

    def _alone(self, prepare: Prepare) -> int:
        """Write one entry at the log's end, whoever else extends it, and return its leaf index."""
        desk = AuditDesk(self._store, place=self._place, now=self._now)
        return desk.write(prepare)[0]

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

        def prepare() -> tuple[list[Entry], Changes]:
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
            return [record], changes

        return self._alone(prepare)


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


def opened_entry(row: EntryRow, leaf_data: bytes, vkey: str) -> dict[str, Any]:
    """Return what opens a leaf: ``commit`` in it is SHA-256 over salt and body. A sealed entry has neither."""
    return {
        "index": row.leaf_index,
        "leaf": leaf_data.decode(),
        "salt": None if row.salt is None else b64encode(row.salt).decode(),
        "body": None if row.body is None else row.body.decode(),
        "vkey": vkey,
    }
