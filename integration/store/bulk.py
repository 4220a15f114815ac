"""Writing and reading many rows with statements whose text is made once."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, Engine, Integer, LargeBinary, Table, Text

_AT_ONCE = 250
"""Pairs in one query on SQLite. The text of the statement is the same each time, so the driver prepares it once."""

_NO_PAIR = ("", "")
"""Fills up the last query: no source is empty, so it finds nothing."""

_ARRAYS: Final = {Text: "text[]", BigInteger: "bigint[]", Integer: "bigint[]", LargeBinary: "bytea[]"}


def _array(table: Table, name: str) -> str:
    """Return a parameter that holds a column of many rows, as PostgreSQL reads it: binary, in one message."""
    kind = table.c[name].type
    return f"%b::{next(array for each, array in _ARRAYS.items() if isinstance(kind, each))}"


def _plus_one(values: list[str], at: int | None) -> str:
    return ", ".join(f"{value} + 1" if place == at else value for place, value in enumerate(values))


class BulkWrite:
    """An insert or upsert of named tuples, in one statement.

    The library's own way binds each value of each row by its type, which costs more than the insert itself. All our
    columns are text, integers and bytes, which both drivers take as they are. PostgreSQL gets one array a column: as
    fast as COPY, and the server has the whole statement before it begins, so that a process that is stopped while
    it sends one holds no locks for ever.
    """

    def __init__(
        self,
        engine: Engine,
        table: Table,
        names: Sequence[str],
        *,
        keys: Sequence[str] = (),
        versioned: bool = False,
        also: Mapping[str, str] | None = None,
    ) -> None:
        """Make the statement.

        Args:
            engine: says which database it is for.
            table: where to.
            names: the columns, in the order of the rows' fields.
            keys: what a row replaces another by; none: a row that is there already is an error.
            versioned: a row replaces only one of the version it names, and gets the next.
            also: columns that a replacement sets besides, with their SQL.
        """
        quote = engine.dialect.identifier_preparer.quote
        columns = [quote(name) for name in names]
        into = f"INSERT INTO {quote(table.name)} AS old ({', '.join(columns)})"
        self._arrays = engine.dialect.name == "postgresql"
        self._replaces = bool(keys)
        self._places = [names.index(key) for key in keys]
        next_version = names.index("version") if versioned else None
        if self._arrays:
            values = _plus_one([f"new.{column}" for column in columns], next_version)
            arrays = ", ".join(_array(table, name) for name in names)
            rows = f"SELECT {values} FROM unnest({arrays}) AS new({', '.join(columns)})"  # noqa: S608  our own names
        else:
            rows = f"VALUES ({_plus_one(['?'] * len(names), next_version)})"
        self._sql = f"{into} {rows}"
        if keys:
            sets = [f"{quote(name)} = excluded.{quote(name)}" for name in names if name not in keys]
            sets += [f"{quote(name)} = {sql}" for name, sql in (also or {}).items()]
            self._sql += f" ON CONFLICT ({', '.join(map(quote, keys))}) DO UPDATE SET {', '.join(sets)}"
        if versioned:
            self._sql += " WHERE old.version = excluded.version - 1"

    def __call__(self, connection: Connection, rows: Sequence[Any]) -> int:
        """Write rows inside the connection's transaction; returns how many were written.

        Of several rows with one key the last counts. Rows are written in the order of their keys, so that two
        processes that write the same ones wait for each other and do not lock each other out.
        """
        if not rows:
            return 0
        if self._replaces and self._arrays:
            last = {tuple(row[place] for place in self._places): row for row in rows}
            rows = [row for _, row in sorted(last.items())]
        if self._arrays:
            return connection.exec_driver_sql(self._sql, tuple(map(list, zip(*rows, strict=True)))).rowcount
        return connection.exec_driver_sql(self._sql, [tuple(row) for row in rows]).rowcount


class PairLookup:
    """Finds the rows of a table by pairs of columns, through the index that begins with them."""

    def __init__(self, engine: Engine, table: Table, names: tuple[str, str]) -> None:
        """Args: ``names`` are the two columns."""
        quote = engine.dialect.identifier_preparer.quote
        self._arrays = engine.dialect.name == "postgresql"
        columns = ", ".join(f"found.{quote(column.name)}" for column in table.c)
        found = f"found.{quote(names[0])} = wanted.a AND found.{quote(names[1])} = wanted.b"
        if self._arrays:
            # The fence (OFFSET 0) keeps the planner from reading a whole table that it believes to be small.
            self._sql = (
                f"SELECT {columns} FROM unnest(%b::text[], %b::text[]) AS wanted(a, b) "  # noqa: S608  our own names
                f"CROSS JOIN LATERAL (SELECT * FROM {quote(table.name)} AS found WHERE {found} OFFSET 0) AS found"
            )
            return
        pairs = ", ".join(["(?, ?)"] * _AT_ONCE)
        # A cross join makes SQLite go from the wanted pairs to the index; ``(a, b) IN (VALUES …)`` scans the table.
        self._sql = (
            f"WITH wanted(a, b) AS (VALUES {pairs}) SELECT {columns} "  # noqa: S608  names come from our own tables
            f"FROM wanted CROSS JOIN {quote(table.name)} AS found WHERE {found}"
        )

    def __call__(self, connection: Connection, pairs: Sequence[tuple[str, str]]) -> Iterator[Sequence[Any]]:
        """Yield the rows of those pairs that the table has, each once."""
        wanted = list(dict.fromkeys(pairs))
        if self._arrays:
            if wanted:
                yield from connection.exec_driver_sql(self._sql, tuple(map(list, zip(*wanted, strict=True))))
            return
        for at in range(0, len(wanted), _AT_ONCE):
            part = wanted[at : at + _AT_ONCE]
            part += [_NO_PAIR] * (_AT_ONCE - len(part))
            yield from connection.exec_driver_sql(self._sql, tuple(value for pair in part for value in pair))
