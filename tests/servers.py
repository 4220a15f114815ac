"""Servers inside a test that are gone, connections and all, when the test is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_PATIENCE_SECONDS = 60


async def ended(server: asyncio.Server) -> None:
    """Stop listening, and wait until every connection that was taken is closed.

    Before Python 3.12 ``wait_closed`` waits for nobody (python/cpython#104344). A connection whose handler had not yet
    seen that its client left was then forgotten with its loop, and its socket found, much later, by another test.

    Raises:
        TimeoutError: a client still holds a connection, or a handler did not close its own.
    """
    await asyncio.sleep(0)  # Whoever is being let in is let in.
    server.close()
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while server._active_count:  # noqa: ASYNC110  the library gives no event for it
            await asyncio.sleep(0.005)


@asynccontextmanager
async def ending(server: asyncio.Server) -> AsyncIterator[int]:
    """Give a server's port, and end the server with the block (`ended`)."""
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        await ended(server)
