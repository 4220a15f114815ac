"""Giving committed entries their place in the log: one process at a time, for any number that commit."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from integration.audit.merkle import Tile, Tree
from integration.errors import LogConflictError, LogGrewError
from integration.services.ports import LogReader
from integration.services.recorder import LogEnd

_AT_ONCE = 5000
"""Entries in one transaction."""


class Waiting(NamedTuple):
    """An entry that has no place yet."""

    number: int
    """Numbers grow along what belongs together: whoever changes a booking later numbers later."""
    leaf_hash: bytes


class Sequencing(LogReader, Protocol):
    """The store as the sequencer sees it."""

    def hold(self) -> bool:
        """Try to be the one sequencer of this database, or confirm it. Ends with the connection, or by `release`.

        Raises:
            TransientError: the connection is gone, and with it the right; ask again.
        """
        ...

    def release(self) -> None:
        """Let another process be the sequencer."""
        ...

    def waiting(self, limit: int) -> Sequence[Waiting]:
        """Return the entries that wait, by number. One with a lower number may still be committed later."""
        ...

    def sequence(self, taken: Sequence[Waiting], tiles: Sequence[Tile], old_size: int) -> None:
        """Put exactly these entries at the end of the log, in their order, in one transaction.

        Raises:
            LogConflictError: the log has another size than ``old_size``, or one of the entries waits no more.
        """
        ...


class Sequencer:
    """Extends the log by what workers have committed. Of two at once, one does, and the other looks again."""

    def __init__(self, store: Sequencing) -> None:
        """Args: ``store`` has the log and what waits."""
        self._store = store
        self._end = LogEnd(Tree.restore(store.tree_size(), store.tile))

    def hold(self) -> bool:
        """See `Sequencing.hold`."""
        return self._store.hold()

    def release(self) -> None:
        """See `Sequencing.release`."""
        self._store.release()

    def sequence(self) -> int:
        """Give every entry that waits its place; returns how many. Each transaction of it is whole.

        Raises:
            LogGrewError: another process extended the log in between; its new end is known now, call again.
            LogConflictError: the store's log does not extend the one that this process knows.
            TransientError: nothing was changed; call again.
        """
        count = 0
        while taken := self._store.waiting(_AT_ONCE):
            self._put(taken)
            count += len(taken)
            if len(taken) < _AT_ONCE:
                break
        return count

    def _put(self, taken: Sequence[Waiting]) -> None:
        size = self._end.tree.size
        for each in taken:
            self._end.tree.append(each.leaf_hash)
        try:
            self._store.sequence(taken, self._end.tiles(), size)
        except LogConflictError as conflict:
            self._end.forget()
            if self._end.catch_up(self._store):
                raise LogGrewError(f"{conflict}: another process has extended it") from conflict
            raise
        except BaseException:
            self._end.forget()
            raise
        self._end.commit()
