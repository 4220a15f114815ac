"""Searches that people keep, in the database."""

from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Select, delete, func, insert, or_, select

from integration.domain.instants import Instant
from integration.errors import StaleReadError
from integration.services.ports import Write
from integration.store.console_tables import saved_searches
from integration.store.database import sorted_errors


class SavedRow(NamedTuple):
    """One search."""

    search_id: str
    account: str
    shared: int
    sealed: bytes
    """Encrypted: people type names there."""
    created_at: Instant


class Saved:
    """Any thread."""

    def __init__(self, engine: Engine) -> None:
        """Args: ``engine`` from `database.open_engine`, migrated."""
        self._engine = engine

    def _all(self, statement: Select[Any]) -> list[Any]:
        with sorted_errors(), self._engine.connect() as connection:
            return list(connection.execution_options(isolation_level="AUTOCOMMIT").execute(statement).all())

    def of(self, account: str) -> list[SavedRow]:
        """Return an account's own searches, then those that others share, the oldest first."""
        table = saved_searches
        chosen = select(table).where(or_(table.c.account == account, table.c.shared == 1))
        found = [SavedRow(*row) for row in self._all(chosen.order_by(table.c.created_at, table.c.search_id))]
        return sorted(found, key=lambda row: row.account != account)

    def one(self, search_id: str) -> SavedRow | None:
        """Return one."""
        found = self._all(select(saved_searches).where(saved_searches.c.search_id == search_id))
        return SavedRow(*found[0]) if found else None

    def count(self, account: str) -> int:
        """Return how many an account keeps."""
        table = saved_searches
        return int(self._all(select(func.count()).where(table.c.account == account))[0][0])


def add_search(row: SavedRow) -> Write:
    """Return what keeps a search."""

    def write(connection: Connection) -> None:
        connection.execute(insert(saved_searches).values(row._asdict()))

    return write


def remove_search(row: SavedRow) -> Write:
    """Return what forgets a search. It raises StaleReadError, where it is gone."""

    def write(connection: Connection) -> None:
        gone = delete(saved_searches).where(saved_searches.c.search_id == row.search_id)
        if connection.execute(gone).rowcount != 1:
            raise StaleReadError("the search is gone")

    return write
