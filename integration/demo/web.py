"""The console over the demo: on this machine alone, with an invented person of each role and one random password.

With it run the alerts, whose only receiver is a file, and one mail goes through the gate's own judging into quarantine.
"""

import asyncio
import socket
import threading
from contextlib import suppress

from integration.bootstrap import embedded_ports
from integration.clock import WallClock
from integration.console.access import Role
from integration.console.parts import open_parts
from integration.console.people import random_password
from integration.console.serving import Serving
from integration.demo.keep import Folder, settings_of
from integration.demo.mail import keep_back
from integration.demo.open import opened
from integration.runners.alerting.process import beside
from integration.runners.embedded import Embedded
from integration.settings import Settings
from integration.store.accounts import Grant

PEOPLE = tuple(role.value for role in Role)
"""Each is named for the role."""
_USUAL = 8420
_BY = "officer:demo"


class Web:
    """The console in a thread of its own."""

    def __init__(self, folder: Folder, booking: str) -> None:
        """Choose address and password; nothing is served yet.

        Args:
            folder: of the demo.
            booking: whom somebody wants to tell immigration agents about.
        """
        self._folder, self._booking = folder, booking
        self._port = _free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.password = random_password()
        self._serving: Serving | None = None
        self._failed: BaseException | None = None
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="console")

    def note(self) -> str:
        """Say how to get in."""
        return f"Console: {self.url}  log in as {', '.join(PEOPLE)}; password {self.password}"

    def begin(self) -> None:
        """Add the people and serve, while the story goes on."""
        self._thread.start()

    def _run(self) -> None:
        try:
            settings = self._settings()
            parts = open_parts(settings, demo=True, altered=self._folder.altered)
            try:
                for name in PEOPLE:
                    parts.people.add(name, self.password, [Grant(name, "")], by=_BY)
                assert parts.gate is not None
                keep_back(parts.gate, self._booking)
                serving = self._serving = Serving(parts)
                if self._stopped:
                    serving.stop()
                with beside(settings, serving.stop):
                    asyncio.run(serving.run())
            finally:
                parts.close()
        except Exception as error:  # noqa: BLE001  told by `end`, in the thread that waits for it
            self._failed = error

    def _settings(self) -> Settings:
        settings = settings_of(self._folder)
        served = settings.console.model_copy(update={"url": self.url, "port": self._port})
        return settings.model_copy(update={"console": served})

    def stay(self) -> None:
        """Keep the jail's service and the console running until somebody presses Ctrl-C."""
        with opened(self._folder) as installation, suppress(KeyboardInterrupt):
            asyncio.run(Embedded(embedded_ports(installation, WallClock())).run())

    def end(self) -> None:
        """Stop serving; raises what the console failed with, if it did."""
        self._stopped = True
        if self._serving is not None:
            self._serving.stop()
        if self._thread.ident is not None:
            self._thread.join()
        if self._failed is not None:
            raise self._failed


def _free_port() -> int:
    """Return the usual port, or one that is free where something has it."""
    for port in (_USUAL, 0):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found: int = probe.getsockname()[1]
            return found
    raise OSError("no port is free")
