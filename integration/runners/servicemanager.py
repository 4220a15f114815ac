"""Telling the service manager (sd_notify(3)): ready, alive, stopping. Says nothing where nobody asked to be told."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final

_MICROS: Final = 1_000_000
_OFTEN: Final = 3
"""Times that life is told within the time after which the manager takes the process for dead."""


class ServiceManager:
    """One datagram for each thing that is told, as sd_notify(3) has it. A manager that is gone is nobody's fault."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        """Read ``NOTIFY_SOCKET``, ``WATCHDOG_USEC`` and ``WATCHDOG_PID``. Args: ``environment`` of the process."""
        name = environment.get("NOTIFY_SOCKET", "")
        self._address = "\0" + name[1:] if name.startswith("@") else name
        mine = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        micros = environment.get("WATCHDOG_USEC", "") if mine and self._address else ""
        self.every = int(micros) / _MICROS / _OFTEN if micros.isdigit() and int(micros) else None
        """Seconds between signs of life; None: the manager asks for none."""

    def ready(self) -> None:
        """Say that the service works. The manager waits for this before it starts what depends on it."""
        self._tell("READY=1")

    def alive(self) -> None:
        """Give a sign of life."""
        self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """Say that the service was told to stop, and is finishing what it began."""
        self._tell("STOPPING=1")

    async def keep_telling(self, well: Callable[[], bool] = lambda: True) -> None:
        """Give signs of life from the event loop for as long as it goes round. Returns at once if none are asked for.

        Args:
            well: False withholds a sign: the loop goes round, and the work does not.
        """
        while self.every is not None:
            if well():
                self.alive()
            await asyncio.sleep(self.every)

    def _tell(self, state: str) -> None:
        if not self._address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as link:
            link.setblocking(False)  # a manager that does not listen must not hold the service up
            try:
                link.sendto(state.encode(), self._address)
            except OSError:
                return  # it will see a service that does not tell, and act on that


@asynccontextmanager
async def told(well: Callable[[], bool] = lambda: True) -> AsyncIterator[None]:
    """Tell the service manager that this process works while the body runs, and that it stops once the body ends."""
    manager = ServiceManager()
    manager.ready()
    telling = asyncio.create_task(manager.keep_telling(well), name="service manager")
    try:
        yield
    finally:
        manager.stopping()
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)
