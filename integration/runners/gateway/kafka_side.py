"""The Kafka side of `holdwatch gate run`: from the pending topic into the mailroom, from there to the released one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog

from connectors.kafka.config import Kafka
from connectors.kafka.outbound import ANSWER_SECONDS, Outgoing, Pending, Record, Released
from connectors.kafka.records import key_of
from integration.errors import FatalError, HoldwatchError, LogConflictError, StaleReadError, UsageError
from integration.runners.gateway.parts import GateParts
from integration.runners.gateway.sidetasks import side_tasks
from integration.services.letters import AlreadyFiledError, Channel, DeliveryRow, Letter
from integration.services.pending import read_pending, released
from integration.services.ports import BookingKey
from integration.services.sending import Begun, Outcome
from schemas.refusals import InvalidEventError, Reason

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
            Exception: what is not foreseen. The gateway stops with it, and is started anew.
        """
        for message_id in await asyncio.wrap_future(self._parts.sending.recover(_CHANNELS)):
            _log.error("gate.outcome_unknown", message_id=message_id, why="crash")
        await self._pending.start()
        try:
            async with side_tasks(self._take_in(), self._let_out()):
                yield
        finally:
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
        letter: Letter | None = None
        while True:
            try:
                read, examined = await asyncio.to_thread(read_pending, record.value, self._parts.desk)
                letter = read
                filed = await asyncio.wrap_future(self._parts.mailroom.file(read, examined))
            except AlreadyFiledError as error:
                if error.same:
                    _log.info("gate.known_already", place=record.place)
                    return
                if await self._turned_away(record, Reason.CONFLICTING_DUPLICATE.value, letter):
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
                    _log.warning("gate.blocked", message_ids=blocked, source=read.source)
                return
            await asyncio.sleep(_AGAIN)

    async def _turned_away(self, record: Record, reason: str, letter: Letter | None = None) -> bool:
        source, message_id = (letter.source, letter.message_id(0)) if letter else (self._parts.source, "")
        try:
            await asyncio.wrap_future(self._parts.mailroom.turn_away(reason, source, message_id))
        except HoldwatchError as error:
            _log.error("gate.database_failed", error=type(error).__name__)
            return False
        _log.warning("gate.turned_away", place=record.place, reason=reason)
        return True

    async def _let_out(self) -> None:
        stuck: set[str] = set()
        while True:
            try:
                ready = await asyncio.to_thread(self._parts.sending.ready, _AT_ONCE + len(stuck), _CHANNELS)
                rows = [row for row in ready if row.message_id not in stuck]
                # Connected first, and recorded then: where there is no broker, nothing is in doubt.
                if rows and await self._outgoing.ready():
                    for row in rows:
                        if not await self._release(row):
                            stuck.add(row.message_id)
                    continue
            except HoldwatchError as error:
                _log.error("gate.database_failed", error=type(error).__name__)
            await asyncio.sleep(_LOOK_EVERY)

    async def _release(self, row: DeliveryRow) -> bool:
        """Write one message, if it may still leave; False where it cannot be opened: that is no other message's fault.

        Raises:
            HoldwatchError: the database does not answer.
        """
        try:
            begun = await asyncio.wrap_future(self._parts.sending.begin(row.message_id))
        except LogConflictError:
            raise
        except FatalError as error:
            _log.error("gate.cannot_open", message_id=row.message_id, error=type(error).__name__)
            return False
        if begun is not None:
            await asyncio.shield(self._write(begun))
        return True

    async def _write(self, begun: Begun) -> None:
        letter, row = begun.letter, begun.row
        key = key_of(BookingKey(letter.source, letter.options["booking"]))
        message_id, value = released(letter, row.number)
        became = await self._outgoing.write(key, value, message_id)
        told = _log.info if became is Released.WRITTEN else _log.warning
        told("gate.released", message_id=row.message_id, outcome=became.value)
        while True:
            try:
                await asyncio.wrap_future(self._parts.sending.finish([row], _OUTCOMES[became], became.value))
            except StaleReadError:
                # It stays as whoever changed it left it; asking again would change nothing.
                _log.error("gate.changed_meanwhile", message_id=row.message_id)
                return
            except HoldwatchError as error:
                _log.error("gate.outcome_not_recorded", error=type(error).__name__)
                await asyncio.sleep(_AGAIN)
            else:
                return
