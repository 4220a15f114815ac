"""The watchdog: a process apart from the engine that looks, judges, tells and remembers.

It reads files and asks workers over HTTP. It opens no database, so a locked, full or hanging one does not stop it.
"""

import asyncio
import time
from dataclasses import replace
from typing import BinaryIO, Final

import structlog

from integration.domain.instants import Instant
from integration.runners.watch.bounded import Bounded, HangingError
from integration.runners.watch.memory import Memory, SteadyClock, hold, load, save
from integration.runners.watch.parts import Parts
from integration.runners.watch.telling import Teller
from integration.services import watchbook
from integration.services.vitals import Seen, judge
from integration.services.watchbook import Alert

_log = structlog.get_logger()

_AT_THE_END: Final = 10.0
"""Seconds that notices under way are given when it is told to stop."""
_SAVE_EVERY: Final = 60.0
"""Seconds. The time that was seen is kept so often even if nothing happens."""
_PATIENCE: Final = 5.0
"""Seconds that reading or writing its own memory may take."""


class Watch:
    """`run` returns once `stop` is called."""

    def __init__(self, parts: Parts) -> None:
        """Args: ``parts`` from the settings."""
        self._parts = parts
        self._stopping = asyncio.Event()
        self._bounded = Bounded()
        self._saved_at = 0.0
        self._unsaved = False
        self._told_of: dict[str, str] = {}
        self._well = False

    def stop(self) -> None:
        """Finish what is being sent, then stop."""
        self._stopping.set()

    async def run(self) -> None:
        """Look again and again until stopped.

        Raises:
            UsageError: another watchdog uses the same state file.
        """
        lock, memory = await self._remember()
        steady = SteadyClock(memory.steady)
        teller = Teller(self._parts, steady, memory)
        beside = [asyncio.create_task(self._check()), asyncio.create_task(self._ping())]
        try:
            while not self._stopping.is_set():
                for task in beside:
                    if task.done():
                        task.result()  # a defect there ends this process, for all to see
                await self._turn(teller, steady)
                await self._pause(self._parts.settings.watch.look_every_seconds)
            await teller.finish(_AT_THE_END)
            await self._save(teller, steady)
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            await self._parts.close()
            if lock is not None:
                lock.close()

    async def _remember(self) -> tuple[BinaryIO | None, Memory]:
        """Read the memory. A disk that does not let us is no reason to be silent: then it begins with none."""
        path, now = self._parts.settings.watch_state_file, _now()
        try:
            lock = await self._bounded.call("hold", lambda: hold(path), _PATIENCE)
            return lock, await self._bounded.call("load", lambda: load(path, now), _PATIENCE)
        except (OSError, HangingError) as error:
            _log.error("watch.memory_unavailable", error=type(error).__name__)
            return None, Memory(latest=now)

    async def _turn(self, teller: Teller, steady: SteadyClock) -> None:
        now, memory = _now(), teller.memory
        seen = await self._parts.looker.look(
            now,
            latest=memory.latest,
            trend=memory.trend,
            steady=steady.now(),
            checks=dict(self._parts.checks.found),
            channels=memory.book.failing,
        )
        judgement = judge(seen, self._parts.limits)
        # The book may have changed while the disk was looked at: a channel has taken something.
        book = watchbook.look_up(teller.memory.book, judgement, self._parts.pace, steady=steady.now(), now=now)
        self._log_changes(book.alerts)
        changed = book != teller.memory.book
        self._well = not book.open and not judgement.unknown
        teller.memory = _with(replace(teller.memory, book=book, latest=max(memory.latest, now)), seen, steady)
        teller.changed |= changed
        teller.tell(now)
        if teller.changed or time.monotonic() - self._saved_at >= _SAVE_EVERY:
            await self._save(teller, steady)

    def _log_changes(self, alerts: tuple[Alert, ...]) -> None:
        """Say on standard error what opens, changes and is over, whatever becomes of the channels."""
        says = {alert.id: "over" if alert.over_at is not None else alert.trouble.value for alert in alerts}
        for alert in alerts:
            if self._told_of.get(alert.id) != says[alert.id]:
                name = "watch.over" if alert.over_at is not None else "watch.alert"
                about = {"alert": alert.id, "trouble": alert.trouble.value, "about": alert.about}
                _log.warning(name, **about, detail=dict(alert.detail))
        self._told_of = says

    async def _save(self, teller: Teller, steady: SteadyClock) -> None:
        memory = replace(teller.memory, steady=steady.now())
        path = self._parts.settings.watch_state_file
        teller.changed = False
        try:
            await self._bounded.call("save", lambda: save(path, memory), _PATIENCE)
        except (OSError, HangingError) as error:
            if not self._unsaved:
                _log.error("watch.memory_unwritable", error=type(error).__name__)
            self._unsaved = teller.changed = True
            return
        self._unsaved = False
        self._saved_at = time.monotonic()

    async def _check(self) -> None:
        while True:
            await self._parts.checks.round()
            await asyncio.sleep(self._parts.settings.watch.look_every_seconds)

    async def _ping(self) -> None:
        pinger = self._parts.pinger
        while pinger is not None:
            await asyncio.sleep(min(1.0, pinger.settings.every_seconds))
            # What cannot be seen is not well: a switch must not be held back by a watchdog that sees nothing.
            if self._well and not self._unsaved:
                await pinger.ping()

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return


def _with(memory: Memory, seen: Seen, steady: SteadyClock) -> Memory:
    memory = replace(memory, steady=steady.now())
    return memory.with_room(seen.disk.free) if seen.disk is not None else memory


def _now() -> Instant:
    return time.time_ns() // 1000
