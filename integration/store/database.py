"""Opening a database: durable settings, and errors sorted by what happens next."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from integration.audit.private import touch_private
from integration.errors import FatalError, TransientError

_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    # FULL: a commit is on the disk when it returns. With NORMAL a power cut could lose entries that a signed
    # checkpoint already covers.
    "PRAGMA synchronous=FULL",
    "PRAGMA busy_timeout=5000",
    "PRAGMA cache_size=-32768",
    "PRAGMA wal_autocheckpoint=8000",
    "PRAGMA temp_store=MEMORY",
)

_SILENCE = "5s"
"""After which PostgreSQL ends a transaction whose process says nothing more."""


def open_engine(url: str, *, durable: bool = True) -> Engine:
    """Open a database by its SQLAlchemy URL.

    Args:
        url: ``sqlite:///PATH`` or ``postgresql+psycopg://…``.
        durable: False only for a replay's scratch file, which is thrown away after the run.
    """
    engine = create_engine(url, hide_parameters=True)  # No content in error texts and traces.
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine, durable=durable)
    if engine.dialect.name == "postgresql":
        _prepare_postgresql(engine, durable=durable)
    return engine


def _prepare_postgresql(engine: Engine, *, durable: bool) -> None:
    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: Any) -> None:
        # A process that stops inside a transaction without dying would hold its locks for ever.
        connection.execute(f"SET idle_in_transaction_session_timeout = '{_SILENCE}'")
        if durable:
            # A server may be set to answer before a commit is on the disk: never for us. Stricter settings stand.
            connection.execute(
                "SELECT set_config('synchronous_commit', 'on', false) "
                "WHERE current_setting('synchronous_commit') = 'off'"
            )
        else:
            connection.execute("SET synchronous_commit = off")
        connection.commit()


def _prepare_sqlite(engine: Engine, *, durable: bool) -> None:
    @event.listens_for(engine, "do_connect")
    def _private(_dialect: Any, _record: Any, arguments: Any, _more: Any) -> None:
        touch_private(arguments[0])

    @event.listens_for(engine, "connect")
    def _settings(connection: sqlite3.Connection, _record: Any) -> None:
        # The driver must not open transactions by itself: "begin" below does, and takes the write lock at once.
        connection.isolation_level = None
        for pragma in _SQLITE_PRAGMAS:
            connection.execute(pragma)
        if not durable:
            connection.execute("PRAGMA synchronous=OFF")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def sorted_errors() -> Iterator[None]:
    """Turn the library's errors into ours.

    Raises:
        TransientError: locked or disconnected: nothing was changed, try again.
        FatalError: anything else a database says (disk full, read-only, corrupt).
    """
    try:
        yield
    except DBAPIError as error:
        if error.connection_invalidated or _may_pass(error.orig, operational=isinstance(error, OperationalError)):
            raise TransientError(f"database is not available: {_said(error.orig)}") from error
        raise FatalError(f"database failed: {_said(error.orig)}") from error
    except SQLAlchemyError as error:
        raise FatalError(f"database failed: {_said(error)}") from error


def _said(error: BaseException | None) -> str:
    """Return what a database said, in one line: the lines after it may repeat a row."""
    return next(iter(str(error).splitlines()), type(error).__name__)


# Connection lost or refused, server stopping or starting, transaction to be repeated, too many connections, locks not
# to be had, a transaction ended because its process was silent.
_PASSING_STATES = ("08", "57P", "40", "53300", "55P03", "25P03")


def _may_pass(error: BaseException | None, *, operational: bool) -> bool:
    """Tell whether the same statement may succeed later."""
    if isinstance(error, sqlite3.Error):
        return "locked" in str(error)
    # Without a state no server has answered: it cannot be reached.
    state = getattr(error, "sqlstate", None)
    return operational if state is None else str(state).startswith(_PASSING_STATES)
