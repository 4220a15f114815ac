"""The broker that the tests of this folder share."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kafka.broker import Broker
from tests.kafka.site import Site
from tests.store.conftest import server as server  # noqa: PLC0414  a fixture of this folder, too
from tests.store.postgres import Server


@pytest.fixture(scope="session")
def broker() -> Iterator[Broker]:
    """One broker for the whole run. A test that stops it has to start it again."""
    with Broker() as started:
        yield started


@pytest.fixture
def prefix() -> str:
    """The beginning of topic and group names that no other test uses."""
    return f"test-{uuid.uuid4().hex[:8]}."


@pytest.fixture
def make_site(tmp_path: Path, broker: Broker, prefix: str, server: Server) -> Iterator[Callable[..., Site]]:
    """Makes installations on the shared broker and database server; their processes end with the test."""
    made: list[Site] = []

    def make(**options: Any) -> Site:
        root = tmp_path / f"site-{len(made)}"
        root.mkdir()
        made.append(Site(root, broker, f"{prefix}{len(made)}.", server.new_database(), **options))
        return made[-1]

    yield make
    for site in made:
        site.close()


@pytest.fixture
async def site(make_site: Callable[..., Site]) -> Site:
    """An installation with its topics, four partitions, on the system's clock."""
    made = make_site()
    await made.make_topics()
    return made
