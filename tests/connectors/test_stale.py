"""A position that another process has moved: the look ends, and begins anew from what is there."""

import asyncio

import pytest

from integration.bootstrap import connect_ports
from integration.clock import WallClock
from integration.errors import StaleReadError
from integration.runners.connect.run import serve
from integration.runners.connect.taker import Taker
from tests.connectors.running import Site


class Looking:
    """A feed that reads its position, has it moved by somebody else the first time, and goes on."""

    name = "feed"

    def __init__(self, taker):
        self.taker, self.store, self.looks = taker, taker.ports.sources, []

    async def run(self):
        position, version = await self.taker.again(lambda: self.store.position(self.name))
        self.looks.append(position)
        if not position:
            await self.taker.patiently([], [self.store.write_position(self.name, "theirs", version, 1)])
        await self.taker.patiently([], [self.store.write_position(self.name, "ours", version, 1)])
        self.taker.stopping.set()

    def close(self):
        pass


def taker_of(installation):
    return Taker(connect_ports(installation, WallClock()))


def test_nothing_is_written_again_when_a_position_is_stale(tmp_path):
    site = Site(tmp_path, "")
    site.make()

    async def act(taker):
        store = taker.ports.sources
        await taker.patiently([], [store.write_position("db", "1", 0, 1)])
        await taker.patiently([], [store.write_position("db", "5", 1, 1)])
        with pytest.raises(StaleReadError):
            async with asyncio.timeout(30):
                await taker.patiently([], [store.write_position("db", "2", 1, 1)])
        assert store.position("db") == ("5", 2)

    with site.opened() as installation:
        taker = taker_of(installation)
        asyncio.run(act(taker))
        taker.close()


def test_look_begins_anew_from_the_position_that_is_there_when_its_own_was_stale(tmp_path):
    site = Site(tmp_path, "")
    site.make()
    with site.opened() as installation:
        taker = taker_of(installation)
        feed = Looking(taker)

        async def act():
            async with asyncio.timeout(60):
                await serve([feed], taker)

        asyncio.run(act())
        assert feed.looks == ["", "theirs"]
    assert site.ask("SELECT position FROM source_positions") == [("ours",)]
