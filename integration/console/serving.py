"""Serving the console over HTTP until somebody stops it."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from integration.console.app import create_app
from integration.console.parts import Parts
from integration.errors import UsageError

_GRACE = 3
"""Seconds that open pages have to finish."""


class _Server(uvicorn.Server):
    """Leaves signals to whoever runs it: the library's own way ends the process by the signal, not cleanly."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


class Serving:
    """One server on one address."""

    def __init__(self, parts: Parts) -> None:
        """Take the address.

        Raises:
            UsageError: it is taken, or not this machine's.
            FatalError: the routes do not match the table of rights.
        """
        console = parts.settings.console
        self._socket = socket.socket(socket.AF_INET6 if ":" in console.address else socket.AF_INET)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((console.address, console.port))
        except OSError as error:
            self._socket.close()
            raise UsageError(f"console.address and port cannot be listened on: {error.strerror}") from None
        self._server = _Server(
            uvicorn.Config(
                create_app(parts),
                access_log=False,
                log_config=None,
                server_header=False,
                proxy_headers=False,
                lifespan="on",
                timeout_graceful_shutdown=_GRACE,
                ssl_certfile=console.cert_file,
                ssl_keyfile=console.key_file,
            )
        )

    @property
    def port(self) -> int:
        """The port, which the system chose where the settings say 0."""
        port: int = self._socket.getsockname()[1]
        return port

    def stop(self) -> None:
        """Stop soon."""
        self._server.should_exit = True

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Serve until stopped. Args: ``ready`` is called once it answers."""
        serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        while not self._server.started and not serving.done():  # noqa: ASYNC110  the library has no event for it
            await asyncio.sleep(0.02)
        if not serving.done():
            ready()
        try:
            await serving
        finally:
            self._socket.close()
