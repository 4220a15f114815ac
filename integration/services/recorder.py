"""Writing the audit log: entries become salted leaves of the tree, in the order in which they are written."""

import os
from collections.abc import Callable

from integration.audit.entry import SALT_BYTES, Entry, body, content_salt, leaf
from integration.audit.merkle import Tile, Tree, leaf_hash
from integration.audit.proofs import root_at
from integration.errors import LogConflictError
from integration.services.ports import EntryRow, Store

Salts = Callable[[int, bytes], bytes]
"""From leaf index and body to a salt."""


def random_salts(_index: int, _body: bytes) -> bytes:
    """Draw a salt from the system's random source: what a running service uses."""
    return os.urandom(SALT_BYTES)


def salts_of_content(index: int, entry_body: bytes) -> bytes:
    """Derive the salt from the content: what a replay uses, so that the same input gives the same root."""
    return content_salt(index, entry_body)


class Recorder:
    """The one sequencer of a log. Nothing it has taken exists until the store commits it."""

    def __init__(self, tree: Tree, salts: Salts) -> None:
        """Args: ``tree`` is the log as the store has it; ``salts`` gives each entry's salt."""
        self._tree = tree
        self._committed = tree.copy()
        self._salts = salts
        self._rows: list[EntryRow] = []

    @property
    def size(self) -> int:
        """Number of entries, with those not yet committed."""
        return self._tree.size

    def write(self, entry: Entry) -> int:
        """Put an entry at the end of the log and return its leaf index.

        Raises:
            ValueError: the entry has no canonical form.
        """
        index = self._tree.size
        entry_body = body(entry)
        salt = self._salts(index, entry_body)
        digest = leaf_hash(leaf(salt, entry_body))
        self._tree.append(digest)
        self._rows.append(
            EntryRow(index, entry.at, entry.kind, entry.source, entry.booking, entry.outcome, entry_body, salt, digest)
        )
        return index

    def pending(self) -> tuple[int, list[EntryRow], list[Tile]]:
        """Return the committed size, the rows after it, and the tiles they fill."""
        return self._committed.size, self._rows, self._tree.take_tiles()

    def committed(self) -> None:
        """Take note that the store has the rows."""
        self._rows = []
        self._committed = self._tree.copy()

    def catch_up(self, store: Store) -> bool:
        """Continue from the store's end of the log, if another process has extended it; returns whether it had.

        Nothing may be pending (`forget` it first).

        Raises:
            LogConflictError: the store's log is not an extension of the one this recorder knows.
        """
        size, known = store.tree_size(), self._committed
        if size == known.size:
            return False
        if size < known.size or root_at(known.size, store.tile) != known.root():
            raise LogConflictError(
                f"the audit log does not extend the first {known.size} entries, which this process has seen"
            )
        self._committed = Tree.restore(size, store.tile)
        self._tree = self._committed.copy()
        return True

    def forget(self) -> None:
        """Go back to what the store has: the commit failed."""
        self._rows = []
        self._tree = self._committed.copy()
