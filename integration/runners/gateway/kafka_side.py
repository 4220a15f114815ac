"""The Kafka side of `holdwatch gate run`: from the pending topic into the mailroom, from there to the released one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import structlog

from connectors.kafka.config import Kafka
from connectors.kafka.outbound import ANSWER_SECONDS, Outgoing, Pending, Record, Released
from connectors.kafka.records import key_of
from integration.errors import HoldwatchError, UsageError
from integration.runners.gateway.parts import GateParts
from integration.services.letters import AlreadyFiledError, Channel, DeliveryRow
from integration.services.pending import read_pending, released
from integration.services.ports import BookingKey
from integration.services.sending import Begun, Outcome
from schemas.refusals import InvalidEventError

_log = structlog.get_logger()

_CHANNELS: Final = (Channel.KAFKA.value,)
_AT_ONCE: Final = 64
_WAIT_MS: Final = 200
_LOOK_EVERY: Final = 0.2
_AGAIN: Final = 1.0
_OUTCOMES: Final = {
    Released.WRITTEN: Outcome.SENT,
    Released.NOT_WRITTEN: Outcome.PUT_OFF,
    Released.TOO_LARGE: Outcome.REFUSED,
    Released.UNKNOWN: Outcome.UNKNOWN,
}


class KafkaSide:
    """Decides what waits, and writes what may leave. One event loop."""

    def __init__(self, parts: GateParts, kafka: Kafka, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        """Open nothing yet.

        Args:
            parts: the mailroom.
            kafka: says where, and with the gate's own user: nobody else may write the released topic.
            answer_seconds: how long the broker has to say that it has a record.
        """
        self._parts = parts
        self._pending = Pending(kafka)
        self._outgoing = Outgoing(kafka, answer_seconds=answer_seconds)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Work until the block ends.

        Raises:
            TransientError: no broker answers at the start, or it refuses.
        """
        for message_id in await asyncio.wrap_future(self._parts.sending.recover(_CHANNELS)):
            _log.error("gate.outcome_unknown", message_id=message_id, why="crash")
        await self._pending.start()
        tasks = [asyncio.create_task(self._take_in()), asyncio.create_task(self._let_out())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task
            await self._pending.close()
            await self._outgoing.close()

    async def _take_in(self) -> None:
        while True:
            try:
                records = await self._pending.take(_AT_ONCE, _WAIT_MS)
            except HoldwatchError as error:
                _log.error("gate.kafka_failed", error=str(error))
                await asyncio.sleep(_AGAIN)
                continue
            for record in records:
                await self._file(record)
            try:
                await self._pending.done()
            except HoldwatchError as error:
                # They come again, and are known by their ids.
                _log.warning("gate.kafka_not_acknowledged", error=str(error))

    async def _file(self, record: Record) -> None:
        """Decide and keep one record, however long the database is away: it is not passed over."""
        while True:
            try:
                letter, examined = await asyncio.to_thread(read_pending, record.value, self._parts.desk)
                filed = await asyncio.wrap_future(self._parts.mailroom.file(letter, examined))
            except AlreadyFiledError:
                _log.info("gate.known_already", place=record.place)
                return
            except (InvalidEventError, UsageError) as error:
                reason = error.reason.value if isinstance(error, InvalidEventError) else "unknown_source"
                if await self._turned_away(record, reason):
                    return
            except HoldwatchError as error:
                _log.error("gate.database_failed", error=type(error).__name__)
            else:
                blocked = [each.message_id for each in filed.deliveries if not each.request.permit]
                if blocked:
                    _log.warning("gate.blocked", message_ids=blocked, source=letter.source)
                return
            await asyncio.sleep(_AGAIN)

    async def _turned_away(self, record: Record, reason: str) -> bool:
        try:
            await asyncio.wrap_future(self._parts.mailroom.turn_away(reason, self._parts.source))
        except HoldwatchError as error:
            _log.error("gate.database_failed", error=type(error).__name__)
            return False
        _log.warning("gate.turned_away", place=record.place, reason=reason)
        return True

    async def _let_out(self) -> None:
        while True:
            try:
                rows = await asyncio.to_thread(self._parts.sending.ready, _AT_ONCE, _CHANNELS)
                # Connected first, and recorded then: where there is no broker, nothing is in doubt.
                if rows and await self._outgoing.ready():
                    for row in rows:
                        await self._release(row)
                    continue
            except HoldwatchError as error:
                _log.error("gate.database_failed", error=type(error).__name__)
            await asyncio.sleep(_LOOK_EVERY)

    async def _release(self, row: DeliveryRow) -> None:
        begun = await asyncio.wrap_future(self._parts.sending.begin(row.message_id))
        if begun is not None:
            await asyncio.shield(self._write(begun))

    async def _write(self, begun: Begun) -> None:
        letter, row = begun.letter, begun.row
        key = key_of(BookingKey(letter.source, letter.options["booking"]))
        became = await self._outgoing.write(key, released(letter, row.number, row.message_id), row.message_id)
        told = _log.info if became is Released.WRITTEN else _log.warning
        told("gate.released", message_id=row.message_id, outcome=became.value)
        while True:
            try:
                await asyncio.wrap_future(self._parts.sending.finish([row], _OUTCOMES[became], became.value))
            except HoldwatchError as error:
                _log.error("gate.outcome_not_recorded", error=type(error).__name__)
                await asyncio.sleep(_AGAIN)
            else:
                return
