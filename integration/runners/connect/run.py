"""Runs the connectors until the process is told to stop."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import structlog

from integration.errors import FatalError, TransientError
from integration.runners.connect.taker import StoppedError, Taker

_log = structlog.get_logger()
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0
"""Seconds before a connector whose source fails is tried again."""


class Feed(Protocol):
    """One connector at work."""

    name: str

    async def run(self) -> None:
        """Work until the process stops.

        Raises:
            TransientError: its source cannot be reached; it is begun again.
            StoppedError, FatalError: see `Taker`.
        """
        ...

    def close(self) -> None:
        """Let go of what was opened, also where `run` never ran."""
        ...


async def serve(feeds: Sequence[Feed], taker: Taker) -> None:
    """Run feeds side by side. One whose source fails waits and begins again; the others go on.

    Raises:
        FatalError: the store or the log fails: no record, no action.
    """
    tasks = [asyncio.create_task(_keep(feed, taker), name=feed.name) for feed in feeds]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    finally:
        taker.stopping.set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for feed in feeds:
            feed.close()
        taker.close()


async def _keep(feed: Feed, taker: Taker) -> None:
    wait = _FIRST_WAIT
    while not taker.stopping.is_set():
        begun = asyncio.get_running_loop().time()
        try:
            await feed.run()
        except StoppedError:
            return
        except FatalError:
            raise
        except (TransientError, OSError) as error:
            # Its kind only: what a driver says of a failing query may repeat a row.
            _log.error("source.failing", source=feed.name, error=type(error).__name__, again_in=wait)
        if asyncio.get_running_loop().time() - begun > _LONGEST_WAIT:
            wait = _FIRST_WAIT
        await taker.sleep(wait)
        wait = min(2 * wait, _LONGEST_WAIT)
