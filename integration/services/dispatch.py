"""Telling the outside what the outbox holds: at least once, in order, only after it is committed."""

from collections.abc import Callable, Sequence
from typing import Protocol

from integration.services.ports import OutboxRow

Deliver = Callable[[Sequence[OutboxRow]], None]
"""Hands rows to a receiver. MUST raise if it may not have got them all; may see a row again after a crash."""

_AT_ONCE = 500


class Outbox(Protocol):
    """The read side of the outbox."""

    def outbox(self, limit: int) -> list[tuple[int, OutboxRow]]:
        """Return the oldest rows with their numbers, of those whose entries have their place in the log."""
        ...

    def told(self, numbers: Sequence[int]) -> None:
        """Take exactly these rows off. Others may be committed meanwhile, with lower numbers too."""
        ...


def dispatch(outbox: Outbox, deliver: Deliver) -> int:
    """Deliver everything that waits; returns how many rows.

    A row is taken off only after its delivery, so a crash in between repeats it: its key tells the receiver.
    """
    count = 0
    while rows := outbox.outbox(_AT_ONCE):
        deliver([row for _, row in rows])
        outbox.told([number for number, _ in rows])
        count += len(rows)
    return count
