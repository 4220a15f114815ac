"""Writing the audit log: entries become salted leaves, in the order in which they are written."""

import os
from collections.abc import Callable
from typing import Protocol

from integration.audit.entry import SALT_BYTES, Entry, body, content_salt, leaf
from integration.audit.merkle import Tile, Tree, leaf_hash
from integration.audit.proofs import root_at
from integration.errors import LogConflictError
from integration.services.ports import Beside, Changes, EntryRow, LogReader, Store, UnsequencedRow

_SALTS_AT_ONCE = 256
_BESIDE = (
    "account.",
    "alert.",
    "approval.",
    "audit.",
    "backup.",
    "duty.",
    "login.",
    "message.",
    "quarantine.",
    "report.",
    "session.",
    "token.",
)
"""Beginnings of the kinds of entries whose transactions change nothing that a desk has read: no inbox, no retraction.

A booking is safe in any case: its version is checked when it is written.
"""

Salts = Callable[[int, bytes], bytes]
"""From leaf index and body to a salt."""


def random_salts(_index: int, _body: bytes) -> bytes:
    """Draw a salt from the system's random source: what a running service uses."""
    return os.urandom(SALT_BYTES)


def salts_of_content(index: int, entry_body: bytes) -> bytes:
    """Derive the salt from the content: what a replay uses, so that the same input gives the same root."""
    return content_salt(index, entry_body)


class Log(Protocol):
    """Where a desk writes its entries. Nothing it has taken exists until the store commits it."""

    @property
    def size(self) -> int:
        """Number of entries, with those not yet committed."""
        ...

    def write(self, entry: Entry) -> bytes:
        """Take an entry and return its leaf hash.

        Raises:
            ValueError: the entry has no canonical form.
        """
        ...

    def fill(self, changes: Changes) -> None:
        """Put what was taken since the last commit into what will be committed."""
        ...

    def committed(self) -> None:
        """Take note that the store has it."""
        ...

    def forget(self) -> None:
        """Go back to what the store has: the commit failed."""
        ...

    def move_on(self, store: Store) -> bool:
        """Put what is pending behind what others have written meanwhile, and tell whether that was possible.

        It is where they wrote nothing that a desk reads: of messages, alerts, duties, people at the console. Otherwise
        nothing is changed.

        Raises:
            LogConflictError: see `catch_up`.
        """
        ...

    def catch_up(self, store: LogReader) -> bool:
        """Continue from the store's end of the log; returns whether another process had extended it.

        Nothing may be pending (`forget` it first).

        Raises:
            LogConflictError: the store's log is not an extension of the one this process knows.
        """
        ...


class LogEnd:
    """The end of the log in memory: as the store has it, and with what will be committed next."""

    def __init__(self, tree: Tree) -> None:
        """Args: ``tree`` is the log as the store has it."""
        self.tree = tree
        """With what will be committed next."""
        self._committed = tree.copy()

    @property
    def committed_size(self) -> int:
        """Number of leaves that the store has."""
        return self._committed.size

    def tiles(self) -> list[Tile]:
        """Return the tiles that were filled since they were last asked for."""
        return self.tree.take_tiles()

    def commit(self) -> None:
        """Take note that the store has all of it."""
        self._committed = self.tree.copy()

    def forget(self) -> None:
        """Go back to what the store has."""
        self.tree = self._committed.copy()

    def catch_up(self, store: LogReader) -> bool:
        """See `Log.catch_up`."""
        size, known = store.tree_size(), self._committed
        if size == known.size:
            return False
        if size < known.size or root_at(known.size, store.tile) != known.root():
            raise LogConflictError(
                f"the audit log does not extend the first {known.size} entries, which this process has seen"
            )
        self._committed = Tree.restore(size, store.tile)
        self.tree = self._committed.copy()
        return True


class Recorder:
    """Writes entries at the end of the log: for a process that is alone with it, or nearly so."""

    def __init__(self, tree: Tree, salts: Salts) -> None:
        """Args: ``tree`` is the log as the store has it; ``salts`` gives each entry's salt."""
        self._end = LogEnd(tree)
        self._salts = salts
        self._rows: list[EntryRow] = []

    @property
    def size(self) -> int:
        """See `Log.size`; also the leaf index of the next entry."""
        return self._end.tree.size

    def write(self, entry: Entry) -> bytes:
        """See `Log.write`."""
        tree = self._end.tree
        index = tree.size
        entry_body = body(entry)
        salt = self._salts(index, entry_body)
        digest = leaf_hash(leaf(salt, entry_body))
        tree.append(digest)
        self._rows.append(
            EntryRow(index, entry.at, entry.kind, entry.source, entry.booking, entry.outcome, entry_body, salt, digest)
        )
        return digest

    def fill(self, changes: Changes) -> None:
        """See `Log.fill`."""
        changes.old_size, changes.new_size = self._end.committed_size, self._end.tree.size
        changes.entries, changes.tiles = self._rows, self._end.tiles()

    def committed(self) -> None:
        """See `Log.committed`."""
        self._rows = []
        self._end.commit()

    def forget(self) -> None:
        """See `Log.forget`."""
        self._rows = []
        self._end.forget()

    def move_on(self, store: Store) -> bool:
        """See `Log.move_on`."""
        before, after = self._end.committed_size, store.tree_size()
        if after <= before or not all(kind.startswith(_BESIDE) for kind in store.entry_kinds(before, after)):
            return False
        self._end.forget()
        self._end.catch_up(store)
        first, rows = self._end.tree.size, self._rows
        for row in rows:
            self._end.tree.append(row.leaf_hash)
        self._rows = [row._replace(leaf_index=first + number) for number, row in enumerate(rows)]
        return True

    def catch_up(self, store: LogReader) -> bool:
        """See `Log.catch_up`."""
        return self._end.catch_up(store)


class Appender:
    """Writes entries that the sequencer gives their place later: for one of many workers (ADR 0011)."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._written = 0
        self._rows: list[UnsequencedRow] = []
        self._random = b""
        self._drawn = 0

    @property
    def size(self) -> int:
        """Number of entries that this process has written: it does not know how many the log has."""
        return self._written + len(self._rows)

    def write(self, entry: Entry) -> bytes:
        """See `Log.write`."""
        entry_body = body(entry)
        salt = self._salt()
        digest = leaf_hash(leaf(salt, entry_body))
        self._rows.append(
            UnsequencedRow(entry.at, entry.kind, entry.source, entry.booking, entry.outcome, entry_body, salt, digest)
        )
        return digest

    def _salt(self) -> bytes:
        # Asking the system for each one by itself is a tenth of a worker's work.
        if self._drawn == len(self._random):
            self._random, self._drawn = os.urandom(SALT_BYTES * _SALTS_AT_ONCE), 0
        self._drawn += SALT_BYTES
        return self._random[self._drawn - SALT_BYTES : self._drawn]

    def fill(self, changes: Changes) -> None:
        """See `Log.fill`."""
        changes.beside = Beside(self._rows)

    def committed(self) -> None:
        """See `Log.committed`."""
        self._written += len(self._rows)
        self._rows = []

    def forget(self) -> None:
        """See `Log.forget`."""
        self._rows = []

    def move_on(self, _store: Store) -> bool:
        """See `Log.move_on`: nothing has a place yet."""
        return False

    def catch_up(self, _store: LogReader) -> bool:
        """See `Log.catch_up`: a worker learns of what others changed when its commit fails."""
        return False
