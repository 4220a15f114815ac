"""The sweep of named steps: one library compiled, one clean run to compare with, for all tests of a session."""

from collections.abc import Iterator

import pytest

from tests.faults.sweep import Clean, Sweep


@pytest.fixture(scope="session")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sweep]:
    made = Sweep(tmp_path_factory.mktemp("sweep"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def clean(sweep: Sweep) -> Clean:
    return sweep.clean()
