"""The webhook connector at work: a listener, and what it takes in, in one transaction with the message's id."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

import structlog
import uvicorn

from connectors.http import HttpClient, HttpError
from connectors.jms_webhook.app import Endpoint, KnownMessageError, Taken, utc_now
from connectors.jms_webhook.bodies import Body, ReadBody
from connectors.jms_webhook.config import WebhookSource
from connectors.jms_webhook.verify import Verifier, read_secrets
from integration.domain.instants import SECOND, Instant
from integration.errors import UsageError
from integration.runners.connect.taker import Taker
from integration.services.intake import Input, Tally
from integration.services.roster import RosterRow

_log = structlog.get_logger()
_DAY = 86_400 * SECOND
_OK = range(200, 300)


Compare: TypeAlias = Callable[[Body, Instant], tuple[Sequence[Input], Sequence[RosterRow]]]
"""From a message and the time to its inputs, with what it takes back of earlier ones, and what is to be remembered."""


def nothing_before(body: Body, _now: Instant) -> tuple[Sequence[Input], Sequence[RosterRow]]:
    """Compare with nothing: each message stands by itself."""
    return body.inputs, []


class _Server(uvicorn.Server):
    """One that leaves signals to the process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take none."""
        yield


class WebhookFeed:
    """One endpoint."""

    def __init__(
        self, settings: WebhookSource, read: ReadBody, taker: Taker, compare: Compare = nothing_before
    ) -> None:
        """Read the secrets and bind the port.

        Args:
            settings: with the secrets' files.
            read: reads bodies.
            taker: takes in.
            compare: says what a message takes back of earlier ones.

        Raises:
            UsageError: a secret cannot be used, or nobody may listen there.
        """
        self.name = settings.name
        self._settings = settings
        self._taker = taker
        self._compare = compare
        self._taking = asyncio.Lock()
        self._store = taker.ports.sources
        verifier = Verifier(read_secrets(settings.secret_files), timedelta(seconds=settings.replay_seconds))
        self._app = Endpoint(
            name=settings.name,
            path=settings.path,
            verifier=verifier,
            read=read,
            take=self._take,
            max_bytes=settings.max_bytes,
            wait=settings.wait_seconds,
            now=utc_now,
        ).application()
        self._replies = _Replies(settings, taker) if settings.reply_url is not None else None
        self._socket = _bound(settings)

    @property
    def port(self) -> int:
        """The port it listens on."""
        port: int = self._socket.getsockname()[1]
        return port

    async def run(self) -> None:
        """Listen until the process stops; what has been begun is finished.

        Raises:
            StoppedError, FatalError: from sending replies; see `Taker`.
        """
        settings = self._settings
        if self._socket.fileno() < 0:
            self._socket = _bound(settings)  # The server closes what it was given: this is not the first time.
        config = uvicorn.Config(
            self._app,
            ssl_certfile=_text(settings.cert_file),
            ssl_keyfile=_text(settings.key_file),
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=int(settings.wait_seconds) + 1,
            limit_concurrency=200,
            proxy_headers=False,
        )
        server = _Server(config)
        logging.getLogger("uvicorn.error").disabled = True  # It may repeat what a sender sent.
        _log.info("webhook.listening", source=self.name, port=self.port)
        serving = asyncio.create_task(server.serve(sockets=[self._socket]))
        others: list[asyncio.Task[object]] = [asyncio.create_task(self._taker.stopping.wait())]
        if self._replies is not None:
            others.append(asyncio.create_task(self._replies.run()))
        try:
            done, _ = await asyncio.wait({serving, *others}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            server.should_exit = True
            for task in others:
                task.cancel()
            await asyncio.gather(serving, *others, return_exceptions=True)
        for task in done:
            task.result()

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()

    async def _take(self, message: Taken) -> Tally:
        """See `TakeIn`."""
        # One at a time: what a message takes back follows from what the one before it gave.
        async with self._taking:
            return await self._take_alone(message)

    async def _take_alone(self, message: Taken) -> Tally:
        now = self._taker.ports.clock.now()
        known = await self._taker.call(lambda: self._store.delivery(self.name, message.delivery))
        if known is not None:
            raise KnownMessageError(same=known == message.digest)
        before = now - self._settings.remember_days * _DAY
        also = [
            self._store.write_delivery(self.name, message.delivery, message.digest, now, forget_before=before),
        ]
        if message.body.is_useless:
            also = []  # Sent again once the mapping or the program is mended, it is looked at again.
        if message.body.reply is not None and self._replies is not None:
            also.append(self._store.write_reply(self.name, message.body.reply.decode(), now))
        inputs, rows = await self._taker.call(lambda: self._compare(message.body, now))
        return await self._taker.take(inputs, [*also, self._store.write_rows(rows)] if rows else also)


class _Replies:
    """Sends what senders are to get later, in order, until each is taken: at least once."""

    def __init__(self, settings: WebhookSource, taker: Taker) -> None:
        self._settings = settings
        self._taker = taker
        self._client()  # Whether it can be made is told at the start.

    def _client(self) -> HttpClient:
        """Raises UsageError."""
        try:
            return HttpClient(seconds=10, ca_file=self._settings.reply_ca_file)
        except OSError as error:
            raise UsageError(f"{self._settings.reply_ca_file} holds no certificate: {error.strerror}") from None

    async def run(self) -> None:
        """Send until the process stops. Raises StoppedError and FatalError; see `Taker`."""
        http = self._client()
        try:
            await self._send(http)
        finally:
            await http.close()

    async def _send(self, http: HttpClient) -> None:
        store, name, url = self._taker.ports.sources, self._settings.name, self._settings.reply_url
        assert url is not None
        while not self._taker.stopping.is_set():
            for number, body in await self._taker.again(lambda: store.replies(name, 50)):
                try:
                    answer = await http.request(
                        "POST", url, body=body.encode(), headers={"content-type": "application/xml"}
                    )
                except HttpError as error:
                    _log.warning("reply.failed", source=name, error=error.fault.value)
                    break
                if answer.status not in _OK:
                    _log.warning("reply.refused", source=name, status=answer.status)
                    break
                await self._taker.again(lambda done=number: store.replied(done))  # type: ignore[misc]
            await self._taker.sleep(self._settings.reply_every_seconds)


def _bound(settings: WebhookSource) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.address else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((settings.address, settings.port))
        bound.listen(100)
    except OSError as error:
        bound.close()
        raise UsageError(
            f"source {settings.name}: cannot listen on {settings.address}:{settings.port}: {error.strerror}"
        ) from None
    return bound


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
