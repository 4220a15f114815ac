"""The gate's heartbeat: it beats while the thread that writes and the database behind it answer."""

import asyncio
from typing import Final

from integration.errors import TransientError
from integration.runners.gateway.parts import GateParts
from integration.services.clerk import Act
from integration.store.sidepulse import SidePulse

_BEAT_EVERY: Final = 1.0


class _AnswersError(Exception):
    """The thread that writes has come by, and the database has answered: there is nothing to write."""


async def beating(parts: GateParts, pulse: SidePulse) -> None:
    """Beat until cancelled. What hangs is silent, and the watchdog tells of it."""

    def answers() -> Act[None]:
        parts.book.approvals_of("")
        raise _AnswersError

    while True:
        try:
            await asyncio.wrap_future(parts.clerk.submit(answers))
        except _AnswersError:
            pulse.beat()
        except TransientError:
            pulse.unavailable()
        await asyncio.sleep(_BEAT_EVERY)
