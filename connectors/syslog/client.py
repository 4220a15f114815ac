"""Handing notices to a log server, over TLS with octet counting (RFC 5425)."""

import asyncio
import re
import socket
import ssl

from connectors.notice import PATIENCE, Notice, PassingSendError, Patience, PermanentSendError, SendError, Why
from connectors.syslog.config import Facility, SyslogSettings
from connectors.syslog.message import NIL, framed, message_of
from integration.errors import UsageError


class SyslogChannel:
    """One log server. Each notice has a connection of its own."""

    def __init__(self, settings: SyslogSettings, patience: Patience = PATIENCE) -> None:
        """Read the certificates.

        Raises:
            UsageError: one of them cannot be used.
        """
        self.name = settings.name
        self._settings = settings
        self._patience = patience
        # Not the fully qualified name: asking for that may wait for a name server that is gone.
        self._hostname = settings.hostname or re.sub(r"[^\x21-\x7e]", "_", socket.gethostname())[:255] or NIL
        try:
            self._trust = ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None)
        except OSError as error:
            raise UsageError(f"{settings.ca_file} holds no certificate: {error.strerror}") from None
        if settings.cert_file and settings.key_file:
            try:
                self._trust.load_cert_chain(settings.cert_file, settings.key_file)
            except OSError as error:
                raise UsageError(
                    f"{settings.cert_file} and {settings.key_file} cannot be used: {error.strerror}"
                ) from None

    async def send(self, notice: Notice) -> None:
        """See `Channel.send`. Syslog has no answer: taken once it was written and the server did not hang up."""
        settings = self._settings
        frame = framed(
            message_of(
                notice,
                facility=Facility[settings.facility.upper()],
                hostname=self._hostname,
                number=settings.enterprise_number,
                most=settings.most_bytes,
            )
        )
        async for attempt in self._patience.tries():
            with attempt:
                await self._hand_over(frame)

    async def _hand_over(self, frame: bytes) -> None:
        seconds = self._settings.timeout_seconds
        writer: asyncio.StreamWriter | None = None
        try:
            async with asyncio.timeout(2 * seconds):
                reader, writer = await asyncio.open_connection(
                    self._settings.host,
                    self._settings.port,
                    ssl=self._trust,
                    ssl_handshake_timeout=seconds,
                    ssl_shutdown_timeout=seconds,
                )
                if self._settings.cert_file:
                    # Under TLS 1.3 a server refuses our certificate only after the handshake has ended for us; what we
                    # had written by then would make its refusal a mere reset.
                    await self._listen(reader)
                writer.write(frame)
                await writer.drain()
                await self._listen(reader)
                writer.close()
                await writer.wait_closed()
        except (OSError, TimeoutError, ssl.SSLError) as error:
            raise _sorted(error) from error
        finally:
            if writer is not None:
                writer.transport.abort()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            async with asyncio.timeout(self._settings.listen_seconds):
                said = await reader.read(1)
        except TimeoutError:
            return  # silence is how a log server agrees
        if not said:
            raise PassingSendError(Why.UNREACHABLE, "it hung up")

    async def close(self) -> None:
        """Nothing is kept open."""


def _sorted(error: Exception) -> SendError:
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        reason = error.reason or ""
        if "INTERNAL_ERROR" in reason:
            return PassingSendError(Why.UNREACHABLE)  # it is in trouble, and may be well again
        # Ours was refused, or theirs was: neither mends itself.
        return PermanentSendError(Why.REFUSED if "ALERT" in reason else Why.UNTRUSTED)
    return PassingSendError(Why.UNREACHABLE)
