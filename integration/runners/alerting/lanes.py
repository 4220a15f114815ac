"""Sending: one notice at a time to each receiver, receivers side by side, so that none holds another up."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Final

import structlog

from connectors.notice import Channel, Notice, PermanentSendError, SendError
from integration.domain.alerts.said import Said, Stage
from integration.errors import HoldwatchError
from integration.services.alerting import Outcome
from integration.services.alertports import NoticeRow
from integration.services.alertwords.compose import Words
from schemas.kinds import Severity

_log = structlog.get_logger()

LONGEST: Final = 45.0
"""Seconds that a receiver may take for one notice, with all attempts."""
FIRST_WAIT: Final = 15.0
LONGEST_WAIT: Final = 300.0
"""Seconds until a receiver that failed is tried again: doubled each time."""
_RANKS: Final = {Severity.VIOLATION: 0, Severity.WARNING: 1, Severity.ADVICE: 2}
_CAN_WAIT: Final = frozenset({Stage.CLOSED.value, Stage.ACKNOWLEDGED.value, Stage.MERGED.value})
"""Why a notice goes out that says of nobody that they are still held."""

Say = Callable[[NoticeRow], Awaitable[Said | None]]
"""From a notice to what it says now; None where its alert is gone."""


class Lanes:
    """What is under way. On one event loop."""

    def __init__(
        self, channels: Mapping[str, Channel], words: Words, say: Say, told: Callable[[Outcome], None]
    ) -> None:
        """Args: ``told`` takes what became of each notice; its receiver waits until `recorded`."""
        self._channels = channels
        self._words = words
        self._say = say
        self._told = told
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._busy: dict[str, str] = {}
        self._failures: dict[str, int] = {}
        self._not_before: dict[str, float] = {}
        self._breaking_off = False

    @property
    def busy(self) -> Collection[str]:
        """Ids of notices that are being sent, or whose outcome is not written down yet."""
        return set(self._busy.values())

    def start(self, waiting: Collection[NoticeRow], severity_of: Callable[[NoticeRow], Severity]) -> None:
        """Begin to send to everybody who is free: the gravest first, then the oldest."""
        first: dict[str, tuple[tuple[object, ...], NoticeRow]] = {}
        for row in waiting:
            if row.receiver in self._busy or self._not_before.get(row.receiver, 0.0) > time.monotonic():
                continue
            rank = (row.stage in _CAN_WAIT, _RANKS[severity_of(row)], row.due_at, row.notice_id)
            if row.receiver not in first or rank < first[row.receiver][0]:
                first[row.receiver] = rank, row
        for receiver, (_, row) in first.items():
            self._busy[receiver] = row.notice_id
            self._tasks[receiver] = task = asyncio.create_task(self._send(row))
            task.add_done_callback(partial(self._ended, row))

    def _ended(self, row: NoticeRow, task: asyncio.Task[None]) -> None:
        """Free a receiver whose channel was broken off from within: it would never be told anything again."""
        broken = task.cancelled() or task.exception() is not None
        if broken and self._tasks.get(row.receiver) is task and not self._breaking_off:
            _log.error("alerts.channel_defect", channel=row.receiver, error="broken off")
            self._told(Outcome(row, "broken off", permanent=False))

    def next_try(self) -> float:
        """Seconds until a receiver that failed is tried again."""
        waits = [at - time.monotonic() for name, at in self._not_before.items() if name not in self._busy]
        return min((wait for wait in waits if wait > 0), default=LONGEST_WAIT)

    def recorded(self, outcome: Outcome) -> None:
        """What became of a notice is written down: its receiver is free for the next one."""
        receiver = outcome.notice.receiver
        self._busy.pop(receiver, None)
        self._tasks.pop(receiver, None)
        if not outcome.why or outcome.permanent:
            self._failures.pop(receiver, None)
            self._not_before.pop(receiver, None)
            return
        count = self._failures[receiver] = self._failures.get(receiver, 0) + 1
        self._not_before[receiver] = time.monotonic() + min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(count - 1, 10))
        _log.warning("alerts.receiver_silent", receiver=receiver, why=outcome.why, failures=count)

    async def finish(self, seconds: float) -> None:
        """Wait for what is under way, but not for ever."""
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()), timeout=seconds)

    async def stop(self) -> None:
        """Break off what is under way."""
        tasks = [*self._tasks.values()]
        self._breaking_off = True
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks, self._busy = {}, {}
        self._breaking_off = False

    async def _send(self, row: NoticeRow) -> None:
        channel = self._channels.get(row.receiver)
        if channel is None:
            self._told(Outcome(row, "no such receiver", permanent=True))
            return
        try:
            said = await self._say(row)
        except HoldwatchError:
            self._told(Outcome(row, "store", permanent=False))
            return
        except Exception as error:  # noqa: BLE001  a defect in the details must not keep the alert back; its kind is told
            _log.error("alerts.words_failed", alert=row.alert_id, error=type(error).__name__)
            notice = _bare(row.notice_id, row.alert_id, f"{row.alert_id}: {row.stage}; holdwatch alerts show")
        else:
            if said is None:
                self._told(Outcome(row, "gone", permanent=True))
                return
            notice = worded(self._words, said)
        self._told(Outcome(row, *await attempt(channel, notice)))


async def attempt(channel: Channel, notice: Notice) -> tuple[str, bool]:
    """Send a notice; returns why it was not taken (empty if it was), and whether it never will be."""
    try:
        await asyncio.wait_for(channel.send(notice), LONGEST)
    except PermanentSendError as error:
        return str(error), True
    except SendError as error:
        return str(error), False
    except TimeoutError:
        return "no answer", False
    except Exception as error:  # noqa: BLE001  one channel's defect must not silence the others; only its kind is told
        _log.error("alerts.channel_defect", channel=channel.name, error=type(error).__name__)
        return type(error).__name__, False
    return "", False


def worded(words: Words, said: Said) -> Notice:
    """Return a notice; in bare words if the proper ones cannot be made: an alert without them is better than none."""
    try:
        return words(said)
    except Exception as error:  # noqa: BLE001  see above; only its kind is told
        _log.error("alerts.words_failed", alert=said.alert_id, error=type(error).__name__)
    bookings = ", ".join(f"{each.booking} ({each.state.value})" for each in said.cases)
    drill = "EXERCISE: " if said.drill else ""
    title = f"{drill}[holdwatch {said.site}] {said.rule.value}: {said.stage.value}"
    text = f"{title}\nFacility {said.facility}. Bookings: {bookings}. Alert {said.alert_id}.\n{said.link}\n"
    return _bare(said.notice_id, said.alert_id, title, text, said.link)


def _bare(notice_id: str, alert_id: str, title: str, text: str = "", link: str = "") -> Notice:
    return Notice(
        notice_id, datetime.now(UTC), title, text or title, "holdwatch.alert.bare.v1", key=alert_id, link=link
    )
