"""Bringing a database's tables up to date."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Engine

from integration.errors import FatalError
from integration.store.database import sorted_errors

_LOCK = 0x686F6C646D696772
"""Of one database: "holdmigr"."""
SCRIPTS = Path(__file__).parent / "migrations"


def migrate(engine: Engine) -> None:
    """Run every migration that the database has not seen, all in one transaction.

    Raises:
        FatalError: a newer version of the program has migrated it, or the database fails.
        TransientError: it is not available.
    """
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with sorted_errors(), engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            # Several workers may start at once on an empty database. One makes its tables, the others wait.
            connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise FatalError(
                f"this database is of a newer version of the program ({error}): install that; there is no way back"
            ) from error
