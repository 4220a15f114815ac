"""The live board: drawn once for everybody who sees the same, and sent to every open page when something changed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import structlog
from starlette.concurrency import run_in_threadpool

from integration.console.boarding import board_of
from integration.console.parts import Parts
from integration.console.render import Pages
from integration.errors import HoldwatchError

_log = structlog.get_logger()
_LOOK_EVERY = 0.4
"""Seconds: what is found is on every open page within one."""
_DRAW_EVERY = 15.0
"""Seconds after which the clocks on the page are drawn anew, though nothing has changed."""
MOST = 500
"""Pages that are kept up to date at the same time."""

Sees = frozenset[str] | None
"""Feeds of the facilities that somebody sees; None: all."""


@dataclass(eq=False, slots=True)
class Watcher:
    """One open page."""

    sees: Sees
    last: str = ""
    """The newest board that could be drawn."""
    news: "asyncio.Queue[str]" = field(default_factory=lambda: asyncio.Queue(1))

    def tell(self, html: str) -> None:
        """Leave the newest board for it; an older one that it has not fetched yet is dropped."""
        if self.news.full():
            self.news.get_nowait()
        self.news.put_nowait(html)


class Live:
    """Looks for news, for all pages together."""

    def __init__(self, parts: Parts, pages: Pages) -> None:
        """Begin with nobody watching."""
        self._parts, self._pages = parts, pages
        self._watchers: set[Watcher] = set()
        self.behind = False
        """Whether the board cannot be drawn just now. Open pages have been told, and ``/health`` tells it."""

    @property
    def full(self) -> bool:
        """Whether no further page can be kept up to date."""
        return len(self._watchers) >= MOST

    def draw(self, sees: Sees) -> str:
        """Draw the board as somebody sees it."""
        return self._pages.part("board_part.html", board=board_of(self._parts, sees))

    def over(self) -> str:
        """Draw what stands in the board's place once whoever watched it may no longer."""
        return self._pages.part("board_over.html")

    async def run(self) -> None:
        """Look again and again."""
        told, size = 0.0, -1
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            if not self._watchers:
                continue
            try:
                now_size = await run_in_threadpool(self._state)
                if not self.behind and now_size == size and loop.time() - told < _DRAW_EVERY:
                    continue
                drawn = {
                    sees: await run_in_threadpool(self.draw, sees) for sees in {each.sees for each in self._watchers}
                }
            except Exception as error:  # noqa: BLE001  whatever it is, a board that stands still has to say so
                if not self.behind:
                    text = str(error) if isinstance(error, HoldwatchError) else type(error).__name__
                    _log.error("console.board_behind", error=text)
                    self.behind = True
                    since = self._pages.part("board_behind.html")
                    for watcher in self._watchers:
                        watcher.tell(since + watcher.last)
                continue
            self.behind, size, told = False, now_size, loop.time()
            for watcher in self._watchers:
                if watcher.sees in drawn:
                    watcher.last = drawn[watcher.sees]
                    watcher.tell(watcher.last)

    def _state(self) -> int:
        """Return a number that grows with everything that is told."""
        return self._parts.records.log_size() + self._parts.records.unsequenced_count()

    async def watch(self, sees: Sees) -> AsyncIterator[str | None]:
        """Yield the board now and whenever it has changed; None now and then, to see whether the page is there."""
        watcher = Watcher(sees)
        self._watchers.add(watcher)
        try:
            watcher.last = await run_in_threadpool(self.draw, sees)
            yield watcher.last
            while True:
                try:
                    yield await asyncio.wait_for(watcher.news.get(), 10)
                except TimeoutError:
                    yield None
        finally:
            self._watchers.discard(watcher)
