"""A sink, and a gateway in front of it."""

import pytest

from tests.gateway.sink import Sink
from tests.gateway.site import running


@pytest.fixture
async def sink():
    one = await Sink().start()
    yield one
    await one.stop()


@pytest.fixture
async def site(tmp_path, sink):
    async with running(tmp_path, sink) as one:
        yield one
