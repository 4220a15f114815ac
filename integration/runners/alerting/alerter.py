"""The alerting process: plans in one thread, sends on one event loop, wakes when something is due or happens."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import structlog

from integration.domain.alerts.said import Said
from integration.domain.instants import SECOND, Instant
from integration.errors import TransientError
from integration.runners.alerting.lanes import Lanes
from integration.runners.alerting.parts import Parts
from integration.runners.living import reason_of
from integration.services.alerting import Outcome
from integration.services.alertports import NoticeRow
from schemas.kinds import Severity

_log = structlog.get_logger()
_T = TypeVar("_T")

_LOOK_EVERY: Final = 0.25
"""Seconds. A finding, an acknowledgement or a clock that was set is noticed this soon."""
_STAND_BY: Final = 1.0
_RETRY: Final = 1.0
_HOLD_EVERY: Final = 2.0
_MEASURE_EVERY: Final = 5.0
_AT_THE_END: Final = 10.0
"""Seconds that notices under way are given when it is told to stop."""


class Alerter:
    """One of however many there are; the others stand by. `run` returns once `stop` is called."""

    def __init__(self, parts: Parts, now: Callable[[], Instant]) -> None:
        """Args: ``now`` gives the current time."""
        self._parts = parts
        self._now = now
        self._thread = ThreadPoolExecutor(1, "alerting")
        self._stopping = asyncio.Event()
        self._nudged = asyncio.Event()
        self._outcomes: list[Outcome] = []
        self._lanes = Lanes(parts.channels, parts.words, self._say, self._told)
        self._active = False
        self._held_at = 0.0
        self._measured_at = float("-inf")
        self._escalations = 0
        self.turned_at = time.monotonic()
        """`time.monotonic` of the last turn that succeeded, or of the last time that another one held the lock."""

    def stop(self) -> None:
        """Finish what is being sent, then stop."""
        self._stopping.set()
        self._nudged.set()

    async def run(self) -> None:
        """Work until stopped.

        Raises:
            FatalError: the database or the log fails: no record, no action.
        """
        try:
            await self._run()
        except Exception as error:
            self._parts.pulse.stop(reason_of(error))
            raise
        self._parts.pulse.stop()

    async def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                try:
                    if await self._hold():
                        await self._work()
                    else:
                        self._turned(self._parts.pulse.stand_by)
                        await self._pause(_STAND_BY)
                except TransientError as error:
                    _log.warning("alerts.store_unavailable", error=str(error))
                    self._parts.pulse.unavailable()
                    await self._pause(_RETRY)
            await self._finish()
        finally:
            await self._lanes.stop()
            await self._in_thread(self._parts.lock.release)
            self._thread.shutdown(wait=True)
            for channel in self._parts.channels.values():
                await channel.close()
            self._parts.close()

    async def _hold(self) -> bool:
        held = await self._in_thread(self._parts.lock.hold)
        self._held_at = time.monotonic()
        if held != self._active:
            _log.info("alerts.active" if held else "alerts.standing_by")
            self._active = held
            if not held:
                await self._lanes.stop()
                self._outcomes.clear()
                self._parts.alerting.forget()
        return held

    async def _work(self) -> None:
        while not self._stopping.is_set():
            if time.monotonic() - self._held_at > _HOLD_EVERY and not await self._hold():
                return
            await self._turn()
            alerting = self._parts.alerting
            self._lanes.start([*alerting.waiting.values()], self._severity_of)
            await self._measure()
            until_due = (alerting.next_at - self._now()) / SECOND
            await self._pause(max(0.0, min(_LOOK_EVERY, until_due, self._lanes.next_try())))

    async def _turn(self) -> None:
        self._nudged.clear()
        outcomes, busy, now = list(self._outcomes), self._lanes.busy, self._now()

        def turn() -> None:
            if self._parts.calendars.refresh(now):
                self._parts.alerting.plan_anew(now)
            self._parts.alerting.turn(now, outcomes, busy)

        await self._in_thread(turn)
        del self._outcomes[: len(outcomes)]
        for outcome in outcomes:
            self._lanes.recorded(outcome)
            became = "sent" if not outcome.why else "failed" if outcome.permanent else "put_off"
            self._parts.metrics.attempted(outcome.notice.receiver, outcome.notice.stage, became)
        self._parts.metrics.escalated(self._parts.alerting.escalations - self._escalations)
        self._escalations = self._parts.alerting.escalations
        self._turned(self._parts.pulse.beat)

    async def _measure(self) -> None:
        """Count what is open, now and then."""
        if time.monotonic() - self._measured_at >= _MEASURE_EVERY:
            figures = await self._in_thread(lambda: self._parts.figures.figures(self._now()))
            self._parts.metrics.show(figures)
            self._parts.metrics.duties_fail(failing=self._parts.alerting.duties_fail)
            self._measured_at = time.monotonic()

    def _turned(self, beat: Callable[[], None]) -> None:
        self.turned_at = time.monotonic()
        self._parts.metrics.went_round(self._now(), active=self._active)
        beat()

    async def _finish(self) -> None:
        """Wait for what is being sent, and write down what became of it."""
        await self._lanes.finish(_AT_THE_END)
        if self._active and self._outcomes:
            await self._turn()

    def _severity_of(self, row: NoticeRow) -> Severity:
        alert = self._parts.alerting.open_alerts.get(row.alert_id)
        return Severity.ADVICE if alert is None else alert.group.severity

    async def _say(self, row: NoticeRow) -> Said | None:
        now = self._now()
        return await self._in_thread(lambda: self._parts.saying.said(row, now))

    def _told(self, outcome: Outcome) -> None:
        self._outcomes.append(outcome)
        self._nudged.set()

    async def _in_thread(self, act: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, act)

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._nudged.wait(), seconds)
        except TimeoutError:
            return
