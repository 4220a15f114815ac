"""The HTTP side of `holdwatch gate run`: a second listener over the same mailroom."""

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import structlog
import uvicorn

from connectors.http_gateway.app import Application
from connectors.http_gateway.checking import Checking
from connectors.http_gateway.config import HttpGateway
from connectors.http_gateway.forwarding import Forwarding
from connectors.http_gateway.protocol import StrictProtocol
from connectors.http_gateway.requests import Requests
from integration.errors import HoldwatchError, UsageError
from integration.runners.gateway.parts import GateParts
from integration.runners.gateway.sidetasks import side_tasks
from integration.services.asking import Asking
from integration.services.letters import Channel

_log = structlog.get_logger()

_LOOK_EVERY: Final = 1.0
"""Seconds between looks for messages that were approved since."""
_STOP_SECONDS: Final = 15
_IDLE_SECONDS: Final = 30


class HttpListener:
    """Serves until it is told to stop. One event loop."""

    def __init__(self, parts: GateParts, settings: HttpGateway) -> None:
        """Put it together; nothing is opened yet.

        Raises:
            UsageError: a token, a secret or a certificate cannot be used.
        """
        self._parts = parts
        self._settings = settings
        asking = Asking(parts.desk)
        source = settings.source or parts.source
        try:
            self._forwarding = Forwarding(settings, parts.mailroom, parts.sending, parts.desk, source=source)
        except OSError as error:
            raise UsageError(f"gate.http.upstreams: certificates: {error.strerror or error}") from None
        checking = Checking(asking, parts.desk, source=source, envoy_shows_all=settings.envoy_shows_all)
        requests = Requests(asking, parts.mailroom, parts.sending, parts.desk, source=source)
        app = Application(settings, self._forwarding, checking, requests)
        config = uvicorn.Config(
            app,
            host=settings.address,
            port=settings.port,
            http=StrictProtocol,
            ws="none",
            lifespan="off",
            proxy_headers=False,
            server_header=False,
            access_log=False,
            log_config=None,
            timeout_keep_alive=_IDLE_SECONDS,
            timeout_graceful_shutdown=_STOP_SECONDS,
        )
        config.load()
        config.ssl = _tls(settings)
        self._server = _Server(config)
        logging.getLogger("uvicorn.error").disabled = True  # It repeats what a client sent; what matters is told here.
        self.port = 0
        """Where it listens, once it does."""

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Listen until the block ends; what was begun is finished first.

        Raises:
            UsageError: nobody may listen there.
            HoldwatchError: the database failed at the start.
            Exception: what is not foreseen. The gateway stops with it, and is started anew.
        """
        for message_id in await asyncio.wrap_future(self._parts.sending.recover([Channel.HTTP.value])):
            _log.error("gate.outcome_unknown", message_id=message_id, why="crash")
        try:
            sock = socket.create_server((self._settings.address, self._settings.port), family=_family(self._settings))
        except OSError as error:
            where = f"{self._settings.address}:{self._settings.port}"
            raise UsageError(f"gate.http.port: cannot listen on {where}: {error.strerror}") from None
        self.port = sock.getsockname()[1]
        serving = asyncio.create_task(self._server.serve([sock]))
        try:
            while not self._server.started:
                if serving.done():
                    serving.result()
                    raise UsageError(f"gate.http.port: cannot listen on {self._settings.address}:{self._settings.port}")
                await asyncio.sleep(0.01)
            self.port = self._server.servers[0].sockets[0].getsockname()[1]
            _log.info("gate.http_listening", port=self.port)
            async with side_tasks(_while(serving), self._send_approved()):
                yield
        finally:
            self._server.should_exit = True
            await asyncio.gather(serving, return_exceptions=True)
            await self._forwarding.close()

    async def _send_approved(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            try:
                await asyncio.shield(asyncio.ensure_future(self._forwarding.send_approved()))
            except HoldwatchError as error:
                _log.error("gate.database_failed", error=type(error).__name__)


async def _while(serving: "asyncio.Task[None]") -> None:
    """Wait as long as the server serves; cancelled, leave it to be stopped in its own way."""
    await asyncio.shield(serving)


class _Server(uvicorn.Server):
    """uvicorn's server, which leaves signals to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def _family(settings: HttpGateway) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in settings.address else socket.AF_INET


def _tls(settings: HttpGateway) -> ssl.SSLContext | None:
    if settings.cert_file is None or settings.key_file is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.cert_file, settings.key_file)
    except OSError as error:  # ssl's own errors are of this family
        raise UsageError(f"gate.http.cert_file: {error.strerror or error}") from None
    return context
