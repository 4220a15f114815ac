"""Reading the whole log for a count: bodies only, in order, as fast as the database gives them."""

from collections.abc import Iterator

from sqlalchemy import Engine, select

from integration.store import tables
from integration.store.database import sorted_errors

_CHUNK = 10_000


def bodies(engine: Engine, size: int) -> Iterator[bytes | None]:
    """Yield the bodies of the first ``size`` entries; None for a sealed one.

    What lies under a checkpoint never changes but by sealing, so no one moment has to be held on to.
    """
    table = tables.entries
    first = 0
    with sorted_errors(), engine.connect() as connection:
        reading = connection.execution_options(isolation_level="AUTOCOMMIT")
        while first < size:
            last = min(first + _CHUNK, size)
            wanted = select(table.c.body).where(table.c.leaf_index >= first, table.c.leaf_index < last)
            rows = reading.execute(wanted.order_by(table.c.leaf_index)).scalars().all()
            yield from rows
            if len(rows) < last - first:
                return
            first = last
