"""Whole copies of a database, each of one moment, while others go on writing."""

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, Update, inspect, select, text, update

from integration.domain.instants import Instant
from integration.errors import FatalError
from integration.services.ports import Write
from integration.store import tables
from integration.store.database import sorted_errors

_MINUTES = 60 * 60
"""Seconds that pg_dump or pg_restore may take."""


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a SQLite database with SQLite's backup API: one moment of it, durable on return. Writers are not held up.

    Raises:
        FatalError: it cannot be read or written.
    """
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(target)) as writing:
            # All pages in one step: in steps, each write by another process would begin it anew.
            reading.backup(writing)
            # One file, whatever its write-ahead log was; the service turns it into one with such a log again.
            writing.execute("PRAGMA journal_mode=DELETE")
        os.fsync(handle)
    except sqlite3.Error as error:
        raise FatalError(f"the database cannot be copied: {error}") from error
    finally:
        os.close(handle)


@contextmanager
def moment_of_postgresql(engine: Engine) -> Iterator[tuple[str, int]]:
    """Hold one moment of a PostgreSQL database; yields its name for `dump_postgresql`, and the log's size in it."""
    with sorted_errors(), engine.connect() as connection:
        held = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        held.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
        name = str(held.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one())
        yield name, int(held.execute(select(tables.log_state.c.size)).scalar_one())


def dump_postgresql(url: URL, moment: str, target: Path) -> None:
    """Write one moment of a database with pg_dump.

    Raises:
        FatalError: pg_dump is missing or fails.
    """
    options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={moment}", f"--file={target}"]
    _run(["pg_dump", *options], url)
    target.chmod(0o600)


def load_postgresql(url: URL, source: Path) -> None:
    """Put a dump into an empty database, all of it or nothing.

    Raises:
        FatalError: pg_restore is missing or fails.
    """
    _run(["pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", str(source)], url)


def _run(command: list[str], url: URL) -> None:
    """Run a program of PostgreSQL's. The password is never among its arguments, which everybody can read."""
    password = {"PGPASSWORD": url.password} if url.password else {}
    plain = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    try:
        done = subprocess.run(  # noqa: S603  what runs is named here
            [*command, f"--dbname={plain}"],
            env={**os.environ, **password},
            capture_output=True,
            check=False,
            timeout=_MINUTES,
        )
    except FileNotFoundError:
        raise FatalError(f"{command[0]} is not on this machine: install the client of the server's version") from None
    except subprocess.TimeoutExpired:
        raise FatalError(f"{command[0]} took longer than {_MINUTES} s") from None
    if done.returncode:
        said = next(iter(done.stderr.decode(errors="replace").splitlines()), "it says nothing")
        raise FatalError(f"{command[0]} failed: {said}")


def is_empty(engine: Engine) -> bool:
    """Tell whether a database has no entries, or not even our tables."""
    with sorted_errors(), engine.connect() as connection:
        if not inspect(connection).has_table(tables.log_state.name):
            return True
        return not connection.execute(select(tables.log_state.c.size)).scalar_one_or_none()


def has_tables(engine: Engine) -> bool:
    """Tell whether a database has any table."""
    with sorted_errors(), engine.connect() as connection:
        return bool(inspect(connection).get_table_names())


def fold(engine: Engine) -> None:
    """Bring SQLite's write-ahead log into the file, so that the file alone is the database."""
    if engine.dialect.name == "sqlite":
        with sorted_errors(), engine.connect() as connection:
            plain = connection.execution_options(isolation_level="AUTOCOMMIT")
            plain.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
            plain.execute(text("PRAGMA journal_mode=DELETE"))


def settle(now: Instant) -> Write:
    """Return what ends every session and every key for programs."""

    def ended(table: object) -> Update:
        rows = tables.metadata.tables[str(table)]
        return update(rows).where(rows.c.revoked_at.is_(None)).values(revoked_at=now)

    def write(connection: Connection, /) -> None:
        for table in (tables.sessions, tables.api_tokens):
            connection.execute(ended(table.name))

    return write
