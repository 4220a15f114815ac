"""Sending on what is permitted: to the next server, and what became of it back to the database.

Ordinary mail that was filed a moment ago is sent as it is at hand. Everything else is found in the database: what has
to be begun there first, what was put off, what people let go, what a process that died has left.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple, TypeVar

import structlog

from connectors.smtp_gateway.upstream import Line, Parcel, Result
from integration.errors import HoldwatchError, StaleReadError
from integration.services.letters import Channel, DeliveryRow, Letter
from integration.services.sending import Begun, Outcome, Sending

_log = structlog.get_logger()

_T = TypeVar("_T")

CHANNELS: Final = (Channel.SMTP.value, Channel.NOTICE.value)
"""What leaves by mail."""
_AT_ONCE: Final = 200
_LOOK_EVERY: Final = 0.5
"""Seconds. People and other processes let messages go, too."""
_AGAIN: Final = 1.0
"""Seconds until a database that failed is asked again."""
_AT_HAND: Final = 64
"""Messages that wait in memory for a line. What is one too many is found in the database."""
_LONGEST_AT_HAND: Final = 256 * 1024
"""Bytes of one of them."""
_UNRECORDED: Final = 32
"""Ordinary messages that have been sent while that is being recorded. After a crash they may go out again."""


class _Due(NamedTuple):
    """Recipients that get a message in one go."""

    rows: tuple[DeliveryRow, ...]
    letter: Letter | None
    """None: it is read when its turn comes."""


class Delivering:
    """Takes due messages from the database and hands each to a line that is free."""

    def __init__(self, sending: Sending, lines: Sequence[Line], pool: ThreadPoolExecutor) -> None:
        """Args: ``pool`` reads the database and decrypts."""
        self._sending = sending
        self._lines = lines
        self._pool = pool
        self._due: asyncio.Queue[_Due | None] = asyncio.Queue()
        self._taken: set[str] = set()
        """Messages that wait for a line, are on their way, or are being recorded."""
        self._taken_meanwhile: set[str] = set()
        """All that were taken at some time since the database was asked last."""
        self._unrecorded = asyncio.Semaphore(_UNRECORDED)
        self._group = asyncio.TaskGroup()
        self._wake = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """Look now: something was filed."""
        self._wake.set()

    def take(self, letter: Letter, rows: tuple[DeliveryRow, ...]) -> None:
        """Send a message that has just been filed. Args: ``rows`` are recipients of ordinary mail, as filed."""
        # It may have been found in the database before whoever filed it heard of that.
        rows = tuple(row for row in rows if row.message_id not in self._taken_meanwhile)
        if not rows:
            return
        if self._stopping or self._due.qsize() >= _AT_HAND or len(letter.raw) > _LONGEST_AT_HAND:
            self.wake()
            return
        self._put(_Due(rows, letter))

    def _put(self, due: _Due) -> None:
        taken = [row.message_id for row in due.rows]
        self._taken.update(taken)
        self._taken_meanwhile.update(taken)
        self._due.put_nowait(due)

    def stop(self) -> None:
        """Begin nothing more; `run` returns once what is on its way has come to an end."""
        self._stopping = True
        self._wake.set()
        for _ in self._lines:
            self._due.put_nowait(None)

    async def run(self) -> None:
        """Send until stopped."""
        await self._recover()
        async with self._group as group:
            group.create_task(self._look())
            for line in self._lines:
                group.create_task(self._serve(line))

    async def _recover(self) -> None:
        """Take note of what a process that died was sending; before that nothing is sent."""
        while not self._stopping:
            try:
                lost = await asyncio.wrap_future(self._sending.recover(CHANNELS))
            except HoldwatchError as error:
                _log.error("gate.database_failed", error=type(error).__name__)
                await asyncio.sleep(_AGAIN)
                continue
            for message_id in lost:
                _log.error("gate.outcome_unknown", message_id=message_id, why="crash")
            return

    async def _look(self) -> None:
        while not self._stopping:
            self._wake.clear()
            # What is on its way when the database is asked, or comes before it answers, may be done by then.
            taken = self._taken_meanwhile = set(self._taken)
            try:
                rows = await self._in_pool(self._sending.ready, _AT_ONCE + len(taken), CHANNELS)
            except HoldwatchError as error:
                _log.error("gate.database_failed", error=type(error).__name__)
                await asyncio.sleep(_AGAIN)
                continue
            for group in _grouped([row for row in rows if row.message_id not in taken]):
                self._put(_Due(group, None))
            try:
                async with asyncio.timeout(_LOOK_EVERY):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _serve(self, line: Line) -> None:
        try:
            while (due := await self._due.get()) is not None and not self._stopping:
                try:
                    await self._deliver(line, due)
                except HoldwatchError as error:
                    # Nothing was sent. The rows say what to do: they are found again.
                    _log.error("gate.not_sent", error=type(error).__name__)
                    await asyncio.sleep(_AGAIN)
                    self._done(due.rows)
        finally:
            await line.quit()

    async def _deliver(self, line: Line, due: _Due) -> None:
        rows, letter = due
        if rows[0].at_most_once:
            begun = await self._begin(rows[0].message_id)
            if begun is None:
                _log.warning("gate.not_permitted_any_more", message_id=rows[0].message_id)
                self._done(rows)
                return
            rows, letter = (begun.row,), begun.letter
        elif letter is None:
            letter = await self._in_pool(self._sending.letter, rows[0].mail_id)
        results = await line.send(_parcel(letter, rows))
        if not rows[0].at_most_once and all(result.outcome is Outcome.SENT for result in results):
            # The line need not wait until that is on the disk: at worst it goes out again.
            await self._unrecorded.acquire()
            self._group.create_task(self._record(rows, results, letter.source)).add_done_callback(
                lambda _task: self._unrecorded.release()
            )
        else:
            await self._record(rows, results, letter.source)

    async def _record(self, rows: tuple[DeliveryRow, ...], results: Sequence[Result], source: str) -> None:
        try:
            for result in dict.fromkeys(results):
                those = [row for row, its in zip(rows, results, strict=True) if its == result]
                await self._finish(those, result, source)
        finally:
            self._done(rows)

    def _done(self, rows: Sequence[DeliveryRow]) -> None:
        self._taken.difference_update(row.message_id for row in rows)

    async def _begin(self, message_id: str) -> Begun | None:
        """Begin, however long the database is away: it may have begun and only its answer was lost."""
        while not self._stopping:
            try:
                return await asyncio.wrap_future(self._sending.begin(message_id))
            except HoldwatchError as error:
                _log.error("gate.not_begun", message_id=message_id, error=type(error).__name__)
                await asyncio.sleep(_AGAIN)
        return None

    async def _finish(self, rows: Sequence[DeliveryRow], result: Result, source: str) -> None:
        """Record the outcome, however long the database is away: what was sent is not sent again meanwhile."""
        told = _log.info if result.outcome is Outcome.SENT else _log.warning
        told("gate.tried", message_ids=[row.message_id for row in rows], outcome=result.outcome.value, why=result.why)
        while True:
            try:
                await asyncio.wrap_future(self._sending.finish(rows, result.outcome, result.why, source=source))
            except StaleReadError:
                _log.error("gate.changed_meanwhile", message_ids=[row.message_id for row in rows])
                return
            except HoldwatchError as error:
                _log.error("gate.outcome_not_recorded", error=type(error).__name__)
                await asyncio.sleep(_AGAIN)
            else:
                return

    async def _in_pool(self, function: Callable[..., _T], *arguments: object) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, function, *arguments)


def _grouped(rows: Sequence[DeliveryRow]) -> list[tuple[DeliveryRow, ...]]:
    """Put recipients of one ordinary mail together; a message to an immigration authority goes to each alone."""
    groups: dict[str, list[DeliveryRow]] = {}
    for row in rows:
        groups.setdefault(row.message_id if row.at_most_once else f"{row.mail_id}/", []).append(row)
    return [tuple(group) for group in groups.values()]


def _parcel(letter: Letter, rows: Sequence[DeliveryRow]) -> Parcel:
    recipients = tuple(letter.recipients[row.number] for row in rows)
    return Parcel(letter.raw, letter.sender, recipients, utf8="smtputf8" in letter.options)
