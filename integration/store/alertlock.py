"""The right to be the one alerting process of a database: for as long as its holder lives."""

import fcntl
from pathlib import Path
from typing import BinaryIO, Final

from sqlalchemy import Connection, Engine

from integration.store.database import sorted_errors

_TRY_LOCK: Final = f"SELECT pg_try_advisory_lock({0x686F6C64616C7274})"
"""Of one database: "holdalrt"."""
_SILENCE: Final = "20s"
"""After which PostgreSQL ends the connection of a process that has stopped without dying: its lock goes with it."""


class AlertLock:
    """Held by a connection of its own on PostgreSQL, by a file beside SQLite. One thread."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        """Args: ``folder`` of the installation's state."""
        self._engine = engine
        self._path = folder / "alerting.lock"
        self._file: BinaryIO | None = None
        self._connection: Connection | None = None
        self._held = False

    def hold(self) -> bool:
        """Try to get the lock, or see that it is still held.

        Raises:
            TransientError: the database is not available; the lock may be lost.
            OSError: the file cannot be opened.
        """
        return self._hold_row() if self._engine.dialect.name == "postgresql" else self._hold_file()

    def _hold_file(self) -> bool:
        if self._file is None:
            opened = self._path.open("ab")
            try:
                fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                opened.close()
                return False
            self._file = opened
        return True

    def _hold_row(self) -> bool:
        try:
            with sorted_errors():
                if self._connection is None:
                    self._connection = self._engine.connect()
                with self._connection.begin():
                    if self._held:
                        self._connection.exec_driver_sql("SELECT 1")
                    else:
                        self._connection.exec_driver_sql(f"SET idle_session_timeout = '{_SILENCE}'")
                        self._held = bool(self._connection.exec_driver_sql(_TRY_LOCK).scalar_one())
        except BaseException:
            self.release()
            raise
        return self._held

    def release(self) -> None:
        """Give it back."""
        self._held = False
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._connection is not None:
            connection, self._connection = self._connection, None
            # Ended, not given back: the next user of a pooled connection would hold the lock without knowing.
            connection.invalidate()
            connection.close()
