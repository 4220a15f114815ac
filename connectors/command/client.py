"""Handing notices to a command on this machine."""

import asyncio
import os
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import suppress

from connectors.command.config import CommandSettings
from connectors.notice import Notice, PassingSendError, PermanentSendError, Why


class CommandChannel:
    """One command, started anew for each notice, without a shell."""

    def __init__(self, settings: CommandSettings) -> None:
        """Args: ``settings`` say what to run."""
        self.name = settings.name
        self._argv = settings.argv
        self._seconds = settings.timeout_seconds

    async def send(self, notice: Notice) -> None:
        """See `Channel.send`. Tried once: a command has its own way to try again."""
        environment = {**os.environ, "HOLDWATCH_NOTICE_ID": notice.id, "HOLDWATCH_NOTICE_TITLE": notice.title}
        try:
            process = await asyncio.create_subprocess_exec(
                *self._argv, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL, env=environment, start_new_session=True
            )
        except OSError as error:
            raise PermanentSendError(Why.FAILED, "it cannot be started") from error
        try:
            await asyncio.wait_for(process.communicate(f"{notice.title}\n\n{notice.text}".encode()), self._seconds)
        except TimeoutError as error:
            raise PassingSendError(Why.FAILED, "it takes too long") from error
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):  # it ended by itself meanwhile
                    os.killpg(process.pid, 9)
                await process.wait()
        if process.returncode:
            raise PassingSendError(Why.FAILED, f"status {process.returncode}")

    async def close(self) -> None:
        """Nothing is kept open."""
