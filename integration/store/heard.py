"""When each feed last brought something new, by all workers together: read from the log, so that none has to tell."""

from sqlalchemy import Engine, func, select

from integration.domain.instants import Instant
from integration.store.database import sorted_errors
from integration.store.tables import entries, log_state

_LOOK_BACK = 100_000
"""Entries before the log's end that a new process looks through. A feed not among them counts from that start."""


class Heard:
    """Looks through what was added to the log since it looked last. One thread at a time."""

    def __init__(self, engine: Engine) -> None:
        """Args: ``engine`` from `database.open_engine`."""
        self._engine = engine
        self._next: int | None = None

    def __call__(self) -> dict[str, Instant]:
        """Return the feeds that brought something since the last call, each with the time of the latest entry.

        Raises:
            TransientError, FatalError: the database fails.
        """
        with sorted_errors(), self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as reading:
            size: int = reading.execute(select(log_state.c.size)).scalar_one_or_none() or 0
            first = max(0, size - _LOOK_BACK) if self._next is None else self._next
            found = reading.execute(
                select(entries.c.source, func.max(entries.c.at).label("at"))
                .where(entries.c.leaf_index >= first, entries.c.leaf_index < size, entries.c.kind == "event.accepted")
                .group_by(entries.c.source)
            )
            heard = {row.source: row.at for row in found}
        self._next = size
        return heard
