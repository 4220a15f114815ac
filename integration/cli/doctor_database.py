"""Looking into an installation's database without making or migrating anything."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import ArgumentError

from integration.cli.opening import no_database
from integration.domain.instants import Instant
from integration.errors import FatalError, UsageError
from integration.services.doctor import Result, fault, note, ok
from integration.settings import Settings
from integration.store.database import open_engine, sorted_errors
from integration.store.migrate import SCRIPTS

_START = "Start the service (`holdwatch run` or `holdwatch worker`): it brings its tables up to date."


@contextmanager
def connected(settings: Settings) -> Iterator[Connection]:
    """Lend a connection that commits nothing.

    Raises:
        TransientError: the database is locked or away.
        FatalError: there is none, or it fails.
        UsageError: its URL is none.
    """
    try:
        url = make_url(settings.database_url)
    except ArgumentError:
        raise UsageError("database.url is not a database URL") from None
    if url.get_backend_name() == "sqlite" and not (url.database and Path(url.database).is_file()):
        raise FatalError(no_database(settings))
    engine = open_engine(settings.database_url)
    try:
        with sorted_errors(), engine.connect() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")
    finally:
        engine.dispose()


def revision_of(connection: Connection) -> str | None:
    """Return the last migration that a database has seen."""
    return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    """Return the last migration that this version has."""
    return ScriptDirectory(str(SCRIPTS)).get_current_head() or ""


def log_size(connection: Connection) -> int:
    """Return how many entries a log has."""
    return int(connection.execute(text("SELECT size FROM log_state")).scalar_one_or_none() or 0)


def log_times(connection: Connection) -> tuple[Instant, Instant] | None:
    """Return the times of the log's first and last entry; None for an empty log, or one whose ends are sealed."""
    if revision_of(connection) is None or not (size := log_size(connection)):
        return None
    ends = text("SELECT at FROM entries WHERE leaf_index = :index")
    first, last = (connection.execute(ends, {"index": index}).scalar_one_or_none() for index in (0, size - 1))
    return (int(first), int(last)) if first and last else None


def check_database(connection: Connection) -> Iterator[Result]:
    """Look at what the database is, and whether its tables are those of this version."""
    name = connection.dialect.name
    yield ok("audit.database", f"{name} answers")
    has, needs = revision_of(connection), newest_revision()
    if has is None:
        yield fault("audit.migrations", "the database has no tables of ours", _START)
    elif has == needs:
        yield ok("audit.migrations", f"at {has}, the newest")
    elif has < needs:
        yield fault("audit.migrations", f"at {has}, this version needs {needs}", _START)
    else:
        yield fault("audit.migrations", f"at {has}, which is newer than this version ({needs})", "Install that.")
    if name == "sqlite":
        yield from _check_sqlite(connection)
    else:
        yield from _check_postgresql(connection)


def _check_sqlite(connection: Connection) -> Iterator[Result]:
    mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
    if mode != "wal":
        yield fault("audit.journal", f"the journal mode is {mode}, not wal", "Is it on a network file system?")
    else:
        yield ok("audit.journal", "write-ahead log, synchronous at every commit")


def _check_postgresql(connection: Connection) -> Iterator[Result]:
    wanted = {"server_encoding": "UTF8", "fsync": "on", "full_page_writes": "on"}
    for setting, value in wanted.items():
        has = connection.exec_driver_sql(f"SHOW {setting}").scalar_one()
        name = f"audit.{setting}"
        if has == value:
            yield ok(name, has)
        else:
            yield fault(name, f"{has}, not {value}", "Set it so in postgresql.conf: commits may be lost or garbled.")
    if connection.exec_driver_sql("SHOW data_checksums").scalar_one() != "on":
        yield note("audit.data_checksums", "off: a disk's silent errors are found late", "Run pg_checksums --enable.")
