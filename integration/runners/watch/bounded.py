"""Calls to a disk that may never come back: each in a thread of its own, waited for only so long."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

_T = TypeVar("_T")


class HangingError(Exception):
    """A call has not come back. It goes on in its thread; nothing new is begun under its name until it returns."""

    def __init__(self, seconds: float) -> None:
        """Args: ``seconds`` since it was begun."""
        super().__init__(f"no answer for {seconds:.1f} s")
        self.seconds = seconds


class Bounded:
    """Runs each named call in a daemon thread, which a hanging disk can hold without holding the process."""

    def __init__(self) -> None:
        """Begin with nothing under way."""
        self._under_way: dict[str, float] = {}

    async def call(self, name: str, function: Callable[[], _T], seconds: float) -> _T:
        """Return what a function returns, or raise what it raises.

        Raises:
            HangingError: not within so many seconds, or the call before this one still hangs.
        """
        if name in self._under_way:
            raise HangingError(time.monotonic() - self._under_way[name])
        began = self._under_way[name] = time.monotonic()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[_T] = loop.create_future()

        def work() -> None:
            try:
                result = function()
            except BaseException as error:  # noqa: BLE001  it is raised where it was asked for
                finish: tuple[Callable[[Any], None], Any] = (answer.set_exception, error)
            else:
                finish = (answer.set_result, result)
            del self._under_way[name]
            if not loop.is_closed():
                loop.call_soon_threadsafe(_settle, answer, *finish)

        threading.Thread(target=work, name=f"watch {name}", daemon=True).start()
        try:
            return await asyncio.wait_for(answer, seconds)
        except TimeoutError:
            raise HangingError(time.monotonic() - began) from None


def _settle(answer: "asyncio.Future[Any]", finish: Callable[[Any], None], result: Any) -> None:
    if not answer.done():  # nobody waits any longer
        finish(result)
