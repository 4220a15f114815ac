"""Writing and reading many rows with statements that are compiled once."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Insert, Table

_AT_ONCE = 250
"""Pairs in one query. The text of the statement is the same each time, so the driver prepares it once."""

_NO_PAIR = ("", "")
"""Fills up the last query: no source is empty, so it finds nothing."""


class BulkWrite:
    """An insert or upsert, compiled once, that takes named tuples.

    The library's own way binds each value of each row by its type, which costs more than the insert itself. All our
    columns are text, integers and bytes, which both drivers take as they are.
    """

    def __init__(self, engine: Engine, statement: Insert, names: Sequence[str]) -> None:
        """Args: ``names`` are the columns, in the order of the rows' fields."""
        compiled = statement.compile(dialect=engine.dialect, column_keys=list(names))
        self._sql = str(compiled)
        self._by_name = not compiled.positional
        if compiled.positional and tuple(compiled.positiontup or ()) != tuple(names):
            raise ValueError(f"columns are written as {compiled.positiontup}, rows have {names}")

    def __call__(self, connection: Connection, rows: Sequence[Any]) -> None:
        """Write rows inside the connection's transaction."""
        if rows:
            parameters = [row._asdict() for row in rows] if self._by_name else [tuple(row) for row in rows]
            connection.exec_driver_sql(self._sql, parameters)


class PairLookup:
    """Finds the rows of a table by pairs of columns, through the index that begins with them."""

    def __init__(self, engine: Engine, table: Table, names: tuple[str, str]) -> None:
        """Args: ``names`` are the two columns."""
        quote = engine.dialect.identifier_preparer.quote
        columns = ", ".join(f"found.{quote(column.name)}" for column in table.c)
        mark = "?" if engine.dialect.paramstyle == "qmark" else "%s"
        pairs = ", ".join([f"({mark}, {mark})"] * _AT_ONCE)
        # A cross join makes SQLite go from the wanted pairs to the index; ``(a, b) IN (VALUES …)`` scans the table.
        self._sql = (
            f"WITH wanted(a, b) AS (VALUES {pairs}) SELECT {columns} "  # noqa: S608  names come from our own tables
            f"FROM wanted CROSS JOIN {quote(table.name)} AS found "
            f"WHERE found.{quote(names[0])} = wanted.a AND found.{quote(names[1])} = wanted.b"
        )

    def __call__(self, connection: Connection, pairs: Sequence[tuple[str, str]]) -> Iterator[Sequence[Any]]:
        """Yield the rows of those pairs that the table has, each once."""
        wanted = list(dict.fromkeys(pairs))
        for at in range(0, len(wanted), _AT_ONCE):
            part = wanted[at : at + _AT_ONCE]
            part += [_NO_PAIR] * (_AT_ONCE - len(part))
            yield from connection.exec_driver_sql(self._sql, tuple(value for pair in part for value in pair))
