"""The mail gateway as a process: a door, a mailroom, a way out."""

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Final

import structlog

from connectors.smtp_gateway.server import Door, Handed
from connectors.smtp_gateway.upstream import Line
from integration.errors import HoldwatchError
from integration.runners.gateway.delivering import Delivering
from integration.runners.gateway.heart import beating
from integration.runners.gateway.parts import GateParts
from integration.services.letters import Channel, Letter, State, new_mail_id
from integration.services.mailroom import Filed
from integration.store.sidepulse import SidePulse

_log = structlog.get_logger()

_READERS: Final = 4
"""Threads that examine messages, or wait for the processes that do."""
_FETCHERS: Final = 2
"""Threads that read the database: what is to be sent does not wait for what is examined."""
_LEAVE: Final = 20.0
"""Seconds that a message on its way has at a stop. One that needs longer counts as lost on its way."""
_MOST_HOPS: Final = 100
"""RFC 5321, section 6.3."""
_TIDY_EVERY: Final = 600.0
"""Seconds between looks for messages that nobody decided in time."""


class Gateway:
    """Serves until it is told to stop."""

    def __init__(self, parts: GateParts, lines: list[Line], pulse: SidePulse | None = None) -> None:
        """Args: ``lines`` are the connections to the mail server behind it; ``pulse`` says that it lives."""
        self._parts = parts
        self._pulse = pulse
        self._pool = ThreadPoolExecutor(_READERS, thread_name_prefix="gate")
        self._fetching = ThreadPoolExecutor(_FETCHERS, thread_name_prefix="gate-database")
        self._door = Door(parts.settings.smtp, self._take, self._turn_away)
        self._delivering = Delivering(parts.sending, lines, self._fetching)
        self._stopping = asyncio.Event()
        self.port = 0
        """Where it listens, once it does."""

    def stop(self) -> None:
        """Stop soon: no message is taken any more; what was taken stays on the disk."""
        self._stopping.set()

    async def run(self) -> None:
        """Serve.

        Raises:
            OSError: the port is taken.
            HoldwatchError: the database failed at the start.
        """
        delivering = asyncio.create_task(self._delivering.run())
        tasks = [delivering, asyncio.create_task(self._tidy())]
        if self._pulse is not None:
            tasks.append(asyncio.create_task(beating(self._parts, self._pulse)))
        try:
            server = await self._door.start()
            self.port = server.sockets[0].getsockname()[1]
            _log.info("gate.listening", port=self.port)
            stopping = asyncio.create_task(self._stopping.wait())
            await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            server.close()
            self._delivering.stop()
            await asyncio.wait([delivering], timeout=_LEAVE)
            for task in tasks:
                if task.done():
                    task.result()
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task
            self._pool.shutdown()
            self._fetching.shutdown()

    async def _take(self, handed: Handed) -> str:
        """Examine, decide and keep a message. Raises: nothing was kept."""
        parts = self._parts
        if handed.raw.partition(b"\r\n\r\n")[0].count(b"\r\nReceived:") >= _MOST_HOPS:
            return "554 5.4.6 it goes round in a circle"
        loop = asyncio.get_running_loop()
        letter, filing = await loop.run_in_executor(self._pool, self._file, handed)
        filed = await asyncio.wrap_future(filing)
        blocked = [each.message_id for each in filed.deliveries if each.state is State.BLOCKED]
        if blocked:
            _log.warning("gate.blocked", message_ids=blocked, source=parts.source)
        self._delivering.take(letter, filed.due)
        if len(filed.due) < len(filed.deliveries):
            self._delivering.wake()  # Others of it are to be begun first, or a notice went with them.
        return f"250 2.0.0 kept as {filed.mail_id}"

    def _file(self, handed: Handed) -> "tuple[Letter, Future[Filed]]":
        letter = Letter(
            mail_id=new_mail_id(),
            channel=Channel.SMTP,
            source=self._parts.source,
            received_at=self._parts.now(),
            raw=handed.raw,
            sender=handed.sender,
            recipients=handed.recipients,
            user=handed.user,
            options={"smtputf8": "1"} if handed.utf8 else {},
        )
        return letter, self._parts.mailroom.file(letter, self._parts.mailroom.examine(letter))

    async def _turn_away(self, reason: str) -> None:
        await asyncio.wrap_future(self._parts.mailroom.turn_away(reason, self._parts.source))

    async def _tidy(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                gone = await loop.run_in_executor(self._fetching, self._parts.quarantine.expire)
                forgotten = await loop.run_in_executor(self._fetching, self._parts.quarantine.forget)
            except HoldwatchError as error:
                _log.error("gate.database_failed", error=type(error).__name__)
            else:
                if gone:
                    _log.info("gate.expired", recipients=gone)
                if forgotten:
                    _log.info("gate.forgotten", messages=forgotten)
                    continue  # There may be more of them.
            await asyncio.sleep(_TIDY_EVERY)
