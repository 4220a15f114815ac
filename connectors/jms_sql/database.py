"""Reading from the jail's database: never written to, read in pages, errors told without what they repeat."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Result,
    and_,
    column,
    create_engine,
    func,
    literal_column,
    make_url,
    or_,
    select,
    text,
)
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from connectors.jms_sql.config import SqlSource
from connectors.jms_sql.positions import At, SourceError, is_beyond
from connectors.secret import read_secret
from integration.errors import UsageError

Found: TypeAlias = dict[str, Any]
_EXTRAS: Final = {"postgresql": "postgres", "mssql": "mssql", "oracle": "oracle"}


def open_source(settings: SqlSource) -> Engine:
    """Open a database by the URL in the settings' file; nothing is connected yet.

    Raises:
        UsageError: the file or the URL cannot be used, or the driver is not installed.
    """
    unknown = f"{settings.url_file}: not a database URL that SQLAlchemy knows"
    try:
        url = make_url(read_secret(settings.url_file))
    except ArgumentError:
        raise UsageError(unknown) from None
    try:
        engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=1, max_overflow=1)
    except (ArgumentError, NoSuchModuleError):
        raise UsageError(unknown) from None
    except ImportError as error:
        extra = _EXTRAS.get(url.get_backend_name(), "its own driver")
        raise UsageError(
            f"source {settings.name}: driver {error.name} is missing: install holdwatch[{extra}]"
        ) from None
    if engine.dialect.name == "postgresql" and engine.dialect.driver == "psycopg":
        from connectors.jms_sql.leniency import read_leniently  # noqa: PLC0415  the driver is an extra

        read_leniently(engine)
    return engine


class Table:
    """What the settings' query gives."""

    def __init__(self, settings: SqlSource, engine: Engine) -> None:
        """Args: ``engine`` from `open_source`."""
        self._settings = settings
        self._engine = engine

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        options: dict[str, Any] = {}
        if self._engine.dialect.name == "postgresql":
            options["postgresql_readonly"] = True
        try:
            with self._engine.connect().execution_options(**options) as connection:
                if self._engine.dialect.name == "postgresql":
                    milliseconds = int(self._settings.timeout_seconds * 1000)
                    connection.execute(text(f"SET statement_timeout = {milliseconds}"))
                yield connection
                connection.rollback()
        except (SQLAlchemyError, OSError) as error:
            # What a database says of a failing query may repeat a row.
            raise SourceError(f"{self._settings.name}: {type(error).__name__}") from None

    def close(self) -> None:
        """Let go of every connection; the next look opens new ones."""
        self._engine.dispose()

    def everything(self) -> list[Found]:
        """Return every row. Raises SourceError."""
        with self._reading() as connection:
            return self._found(connection.execute(text(self._settings.query)))

    def columns(self) -> list[str]:
        """Return the names of the columns; no row is read. Raises SourceError."""
        none = select(text("found.*")).select_from(text(f"({self._settings.query}) found")).where(text("1 = 0"))
        with self._reading() as connection:
            return list(connection.execute(none).keys())

    def unplaced(self) -> int:
        """Return how many rows have no position, or lack a part of their key: a page may end before such a row.

        Raises:
            SourceError: the database cannot be reached, or does not have the columns.
        """
        assert self._settings.position is not None
        rows = select(func.count()).select_from(text(f"({self._settings.query}) found"))
        with self._reading() as connection:
            lacking = or_(*(column(name).is_(None) for name in (self._settings.position, *self._settings.key)))
            return int(connection.execute(rows.where(lacking)).scalar_one())

    def page(self, since: At | None, after: Sequence[Any] | None) -> list[Found]:
        """Return the next rows in the order of position and key.

        Args:
            since: positions from here on; None: from the beginning.
            after: position and key of the last row of the page before.

        Raises:
            SourceError: the database cannot be reached, or does not have the columns; or ``after`` is of a row that
                lacks a part of its key: nobody can say which rows come behind it.
        """
        settings = self._settings
        if after is not None and None in after[1:]:
            raise SourceError(f"{settings.name}: a row lacks {', '.join(settings.key)}, and there are more behind it")
        assert settings.position is not None
        order: list[ColumnElement[Any]] = [column(name) for name in (settings.position, *settings.key)]
        # An alias without AS: Oracle has no other.
        rows = select(text("found.*")).select_from(text(f"({settings.query}) found"))
        rows = rows.where(order[0].is_not(None))
        if after is not None:
            # A time that Python has no value for goes back as a literal: as text it would be compared as text.
            after = [literal_column(f"'{each}'") if is_beyond(each) else each for each in after]
            # Row by row, without a comparison of tuples, which SQL Server and Oracle do not have.
            rows = rows.where(
                or_(
                    *(
                        and_(*(order[i] == after[i] for i in range(place)), order[place] > after[place])
                        for place in range(len(order))
                    )
                )
            )
        elif since is not None:
            rows = rows.where(order[0] >= since)
        rows = rows.order_by(*order).limit(settings.batch_rows)
        with self._reading() as connection:
            return self._found(connection.execute(rows))

    def _found(self, result: Result[Any]) -> list[Found]:
        """Return rows by the names of their columns. Raises SourceError: two columns have one name."""
        names = list(result.keys())
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            # Of two flags, one would be read.
            raise SourceError(f"{self._settings.name}: the query has {', '.join(twice)} more than once")
        return [dict(zip(names, row, strict=True)) for row in result]
