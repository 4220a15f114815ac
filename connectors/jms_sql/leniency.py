"""Times that Python has no value for: they must not stop the table that they stand in.

PostgreSQL has ``infinity``, which some systems write for an end that is open, and years before Christ. The driver
refuses such a value, and with it every row of the page, each time. Here it comes as its text: the mapping then refuses
that one rule of that one row, or takes the text for nothing (``empty = ["infinity"]``).
"""

from typing import Any, Final

from psycopg import DataError
from psycopg.types.datetime import DateLoader, TimestampLoader, TimestamptzLoader
from sqlalchemy import Engine, event


class _Date(DateLoader):
    def load(self, data: Any) -> Any:
        return _or_text(super().load, data)


class _Timestamp(TimestampLoader):
    def load(self, data: Any) -> Any:
        return _or_text(super().load, data)


class _Timestamptz(TimestamptzLoader):
    def load(self, data: Any) -> Any:
        return _or_text(super().load, data)


_LOADERS: Final = {"date": _Date, "timestamp": _Timestamp, "timestamptz": _Timestamptz}


def read_leniently(engine: Engine) -> None:
    """Let times that the driver refuses come as text. Args: ``engine`` is psycopg's."""

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        for name, loader in _LOADERS.items():
            connection.adapters.register_loader(name, loader)


def _or_text(load: Any, data: Any) -> Any:
    try:
        return load(data)
    except DataError:
        return bytes(data).decode()
