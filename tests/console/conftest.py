import pytest

from tests.console.site import Console, Filled, fill


@pytest.fixture(scope="session")
def filled(tmp_path_factory) -> Filled:
    return fill(tmp_path_factory.mktemp("console"))


@pytest.fixture
async def console(filled, tmp_path):
    console = Console(filled, tmp_path)
    yield console
    await console.close()
