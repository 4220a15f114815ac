"""The stores that the contract is held against: in memory, a SQLite file, a PostgreSQL server."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

import pytest

from integration.bootstrap import open_store
from integration.services.ports import Store
from integration.store.vault import Vault
from tests.memory_store import MemoryStore
from tests.store.postgres import Server, program


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    if find_spec("psycopg") is None or program("initdb") is None:
        pytest.skip("no PostgreSQL here")
    started = Server()
    try:
        yield started
    finally:
        started.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.sqlite'}"
    made: str = request.getfixturevalue("server").new_database()
    return made


Again = Callable[[], Store]


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def again(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Again]:
    """Opens one and the same store, each time anew: what a restart sees."""
    if request.param == "memory":
        kept = MemoryStore()
        yield lambda: kept
        return
    database = request.param == "sqlite" and f"sqlite:///{tmp_path / 'test.sqlite'}"
    url = database or request.getfixturevalue("server").new_database()
    vault = Vault.throwaway()
    with ExitStack() as stack:

        def anew() -> Store:
            store = open_store(url, vault, durable=False)
            stack.callback(store.close)
            return store

        yield anew


@pytest.fixture
def store(again: Again) -> Store:
    return again()
