"""Work beside a block: whatever of it ends unforeseen ends the block, so that nobody believes that it goes on."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def side_tasks(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run coroutines until the block ends; then they are cancelled.

    Raises:
        Exception: what one of them raised, or the block. The block is cancelled where one of them fails.
        RuntimeError: one of them came to an end before the block did.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_endless(each)) for each in works]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None


async def _endless(work: Coroutine[Any, Any, None]) -> None:
    await work
    raise RuntimeError("a task of the gateway has come to an end")
