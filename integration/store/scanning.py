"""Reading the whole log for a count: bodies only, in order, as fast as the database gives them."""

from collections.abc import Collection, Iterator
from typing import Final

from sqlalchemy import Engine

from integration.errors import FatalError
from integration.store.database import sorted_errors

_CHUNK: Final = 10_000
_BODIES: Final = "SELECT body FROM entries WHERE leaf_index >= {0} AND leaf_index < {0} ORDER BY leaf_index"
_SOME: Final = "SELECT leaf_index, body FROM entries WHERE leaf_index IN ({}) ORDER BY leaf_index"
_MOST_AT_ONCE: Final = 500
_MARKS: Final = {"sqlite": "?", "postgresql": "%s"}


def bodies(engine: Engine, size: int) -> Iterator[bytes | None]:
    """Yield the bodies of the first ``size`` entries; None for a sealed one.

    What lies under a checkpoint never changes but by sealing, so no one moment has to be held on to. The driver's own
    rows are taken: making the library's out of them takes as long as reading them.

    Raises:
        TransientError: the database is not available.
        FatalError: it fails.
    """
    statement = _BODIES.format(_MARKS[engine.dialect.name])
    driver = engine.dialect.loaded_dbapi
    with sorted_errors(), engine.connect() as connection:
        reading = connection.execution_options(isolation_level="AUTOCOMMIT")
        for first in range(0, size, _CHUNK):
            with reading.exec_driver_sql(statement, (first, min(first + _CHUNK, size))) as result:
                assert result.cursor is not None
                try:
                    rows = result.cursor.fetchall()
                except driver.Error as error:
                    raise FatalError(f"database failed: {type(error).__name__}") from error
            for (body,) in rows:
                yield body
            if not rows:
                return


def some_bodies(engine: Engine, leaves: Collection[int]) -> Iterator[tuple[int, bytes | None]]:
    """Yield some entries' places and bodies, in order; None for a sealed one. Raises as `bodies` does."""
    chosen, mark = sorted(leaves), _MARKS[engine.dialect.name]
    with sorted_errors(), engine.connect() as connection:
        reading = connection.execution_options(isolation_level="AUTOCOMMIT")
        for first in range(0, len(chosen), _MOST_AT_ONCE):
            part = tuple(chosen[first : first + _MOST_AT_ONCE])
            with reading.exec_driver_sql(_SOME.format(", ".join([mark] * len(part))), part) as result:
                rows = result.fetchall()
            yield from ((leaf, body) for leaf, body in rows)
