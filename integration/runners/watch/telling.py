"""Handing notices to channels: side by side, one at a time each, so that none holds another up."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

import structlog

from connectors.notice import Act, Channel, Notice, SendError
from integration.domain.instants import SECOND, Instant
from integration.runners.watch.memory import Memory, SteadyClock
from integration.runners.watch.parts import Parts
from integration.services import watchbook, watchwords
from integration.services.watchbook import Due

_log = structlog.get_logger()

LONGEST: Final = 45.0
"""Seconds that a channel may take for one notice, with all its attempts."""
NOTICE_TYPE: Final = "holdwatch.watch.v1"
_MANY: Final = 2


@dataclass(slots=True)
class Teller:
    """Sends what is due, and writes into the memory what was taken."""

    parts: Parts
    steady: SteadyClock
    memory: Memory
    changed: bool = False
    """Whether the memory has to be saved."""
    _busy: dict[str, "asyncio.Task[None]"] = field(default_factory=dict)

    def tell(self, now: Instant) -> None:
        """Begin to send everything that is due; a channel that is still busy is left alone."""
        steady = self.steady.now()
        for channel in self.parts.channels:
            self._begin(channel, watchbook.due(self.memory.book, channel.name, self.parts.pace, steady=steady), now)
        last, names = self.parts.last_resort, [channel.name for channel in self.parts.channels]
        if last is not None:
            told = watchbook.last_resort(self.memory.book, last.name, names, self.parts.pace, steady=steady)
            self._begin(last, told, now)

    def _begin(self, channel: Channel, told: Due, now: Instant) -> None:
        if told and channel.name not in self._busy:
            task = asyncio.create_task(self._send(channel, told, now))
            self._busy[channel.name] = task
            task.add_done_callback(lambda _: self._busy.pop(channel.name))

    async def _send(self, channel: Channel, told: Due, now: Instant) -> None:
        name, site = channel.name, self.parts.site
        notice = Notice(
            id=watchbook.notice_id(self.memory.book, name, told),
            at=datetime.fromtimestamp(now / SECOND, UTC),
            title=watchwords.title_of(site, told),
            text=watchwords.text_of(site, told, self.parts.zone, now),
            type=NOTICE_TYPE,
            data=watchwords.data_of(site, told),
            # For receivers that keep alerts, the watchdog's are one: open as long as one of them is.
            key=f"watch-{site}",
            act=Act.OPEN if self.memory.book.open else Act.CLOSED,
            site=site,
        )
        why = await attempt(channel, notice)
        book, steady = self.memory.book, self.steady.now()
        if why:
            book = watchbook.failed(book, name, why, steady=steady, now=now)
            _log.error("watch.channel_failing", channel=name, why=why, failures=book.lines[name].failures)
            if len(book.failing) >= _MANY:
                _log.error("watch.channels_failing", channels=sorted(book.failing))
        else:
            book = watchbook.took(book, name, told, steady=steady)
            stages = {alert.id: stage.value for alert, stage in told}
            _log.info("watch.told", channel=name, notice=notice.id, alerts=stages)
        self.memory, self.changed = replace(self.memory, book=book), True

    async def finish(self, seconds: float) -> None:
        """Wait for what is under way, but not for ever."""
        if self._busy:
            await asyncio.wait(list(self._busy.values()), timeout=seconds)


async def attempt(channel: Channel, notice: Notice) -> str:
    """Send a notice; returns why it was not taken, empty if it was."""
    try:
        await asyncio.wait_for(channel.send(notice), LONGEST)
    except SendError as error:
        return str(error)
    except TimeoutError:
        return "no answer"
    except Exception as error:  # noqa: BLE001  one channel's defect must not silence the others; only its kind is told
        return type(error).__name__
    return ""
