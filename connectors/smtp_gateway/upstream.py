"""The way out: one message to the agency's mail server, byte for byte, and what certainly became of it.

aiosmtplib connects, greets, encrypts and logs in. Commands and message are written here: the library would rewrite
addresses and line ends, and does not tell on which side of the message's end something failed. That is what decides
whether a message may be tried again.
"""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from connectors.email.config import Tls
from connectors.secret import read_secret
from connectors.smtp_gateway.config import Upstream
from connectors.smtp_gateway.reading import stuffed
from integration.errors import UsageError
from integration.services.sending import Outcome

_CHUNK: Final = 256 * 1024
_OK: Final = range(200, 300)
_PASSING: Final = range(400, 500)
_FOR_GOOD: Final = range(500, 600)
_GO_ON: Final = 354
_CLOSING: Final = 421


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one recipient."""

    outcome: Outcome
    why: str
    """A reply code or a word: never what the server said, which may repeat an address."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message and those recipients that get it in one go."""

    raw: bytes
    sender: str
    recipients: tuple[str, ...]
    utf8: bool


class _EndedError(Exception):
    """All of it has come to one end."""

    def __init__(self, outcome: Outcome, why: str) -> None:
        super().__init__(why)
        self.result = Result(outcome, why)


class Line:
    """One connection to the server, opened when it is needed and kept for the next message. One task at a time."""

    def __init__(self, settings: Upstream, hostname: str) -> None:
        """Read password and certificates.

        Raises:
            UsageError: one of them cannot be used.
        """
        self._settings = settings
        self._hostname = hostname or socket.gethostname()
        self._password = read_secret(settings.password_file) if settings.password_file else None
        try:
            self._trust = ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None)
        except OSError as error:
            raise UsageError(f"{settings.ca_file} holds no certificate: {error.strerror}") from None
        if settings.tls is Tls.OFFERED:
            self._trust.check_hostname = False
            self._trust.verify_mode = ssl.CERT_NONE
        self._client: SMTP | None = None

    async def send(self, parcel: Parcel) -> list[Result]:
        """Send a message, and return what became of it for each recipient. Never raises but for being cancelled."""
        count = len(parcel.recipients)
        try:
            return await self._send(parcel)
        except _EndedError as ended:
            return [ended.result] * count
        except SMTPResponseException as error:
            # Whatever it says to a greeting or a login, it says of itself and not of this message.
            self.close()
            return [Result(Outcome.PUT_OFF, str(error.code))] * count
        except (SMTPException, OSError, ValueError) as error:
            self.close()
            return [Result(Outcome.PUT_OFF, _word(error))] * count

    async def _send(self, parcel: Parcel) -> list[Result]:
        client, code = await self._mail(parcel)
        if code not in _OK:
            await self._reset(client)
            return [_by_code(code)] * len(parcel.recipients)
        results: list[Result | None] = []
        for recipient in parcel.recipients:
            code = await self._say(client, "RCPT", f"TO:<{recipient}>")
            results.append(None if code in _OK else _by_code(code))
        if None in results:
            ended = await self._data(client, parcel.raw)
            results = [ended if each is None else each for each in results]
        else:
            await self._reset(client)
        return [each for each in results if each is not None]

    async def _mail(self, parcel: Parcel) -> tuple[SMTP, int]:
        """Begin: on the connection that is there, or on a new one if that has gone meanwhile."""
        if self._client is not None and self._client.is_connected:
            try:
                code = await self._begin(self._client, parcel)
            except (SMTPException, OSError):
                code = _CLOSING
            if code != _CLOSING:
                return self._client, code
            self.close()
        client = await self._open()
        return client, await self._begin(client, parcel)

    async def _begin(self, client: SMTP, parcel: Parcel) -> int:
        parameters = []
        if client.supports_extension("size"):
            parameters.append(f"SIZE={len(parcel.raw)}")
        if not parcel.raw.isascii():
            if not client.supports_extension("8bitmime"):
                raise _EndedError(Outcome.REFUSED, "no_8bitmime")  # To write it in seven bits is to change it.
            parameters.append("BODY=8BITMIME")
        if parcel.utf8:
            if not client.supports_extension("smtputf8"):
                raise _EndedError(Outcome.REFUSED, "no_smtputf8")
            parameters.append("SMTPUTF8")
        return await self._say(client, "MAIL", " ".join([f"FROM:<{parcel.sender}>", *parameters]))

    async def _say(self, client: SMTP, *words: str) -> int:
        command = [word.encode("utf-8") for word in words]
        response = await client.execute_command(*command, timeout=self._settings.timeout_seconds)
        return response.code

    async def _data(self, client: SMTP, raw: bytes) -> Result:
        """Send the message itself. Until its end has been written it is certain that it was not taken."""
        code = await self._say(client, "DATA")
        protocol = client.protocol
        if code != _GO_ON or protocol is None:
            self.close()
            return _by_code(code) if code not in _OK else Result(Outcome.PUT_OFF, str(code))
        message = stuffed(raw)
        async with asyncio.timeout(None) as patience:
            for at in range(0, len(message), _CHUNK):
                patience.reschedule(asyncio.get_running_loop().time() + self._settings.timeout_seconds)
                protocol.write(message[at : at + _CHUNK])
                await protocol._drain_helper()  # noqa: SLF001  no public way to wait for a slow reader
        try:
            protocol.write(b".\r\n")
            response = await protocol.read_response(timeout=self._settings.answer_seconds)
        except SMTPResponseException as error:
            self.close()
            return Result(Outcome.UNKNOWN, f"answer_{error.code}")
        except (SMTPException, OSError) as error:
            self.close()
            return Result(Outcome.UNKNOWN, _word(error))
        if response.code in _OK:
            return Result(Outcome.SENT, str(response.code))
        self.close()
        # A server that says *later* after it had all of it has not taken it, if it is in order (RFC 5321, 4.2.5).
        # Whether it is, a person has to judge.
        refused = response.code in _FOR_GOOD
        return Result(Outcome.REFUSED if refused else Outcome.UNKNOWN, str(response.code))

    async def _open(self) -> SMTP:
        settings = self._settings
        client = SMTP(
            hostname=settings.host,
            port=settings.port,
            username=settings.user or None,
            password=self._password,
            local_hostname=self._hostname,
            timeout=settings.timeout_seconds,
            use_tls=settings.tls is Tls.IMPLICIT,
            start_tls={Tls.OFFERED: None, Tls.REQUIRED: True, Tls.IMPLICIT: False}[settings.tls],
            tls_context=self._trust,
        )
        await client.connect()
        try:
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()
        except BaseException:
            client.close()
            raise
        self._client = client
        return client

    async def _reset(self, client: SMTP) -> None:
        """Make the connection good for the next message, or give it up."""
        try:
            if await self._say(client, "RSET") not in _OK:
                self.close()
        except (SMTPException, OSError):
            self.close()

    def close(self) -> None:
        """Hang up."""
        if self._client is not None:
            self._client.close()
            self._client = None

    async def quit(self) -> None:
        """Take leave, and hang up."""
        if self._client is not None and self._client.is_connected:
            with suppress(SMTPException, OSError):
                await self._client.quit()
        self.close()


def _by_code(code: int) -> Result:
    """Sort an answer to a command before the message's end. What is no answer at all counts as *later*."""
    return Result(Outcome.REFUSED if code in _FOR_GOOD else Outcome.PUT_OFF, str(code))


def _word(error: Exception) -> str:
    """Name an error by its kind: its text may repeat what was sent."""
    kind = type(error).__name__.removeprefix("SMTP")
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in kind).strip("_")


def lines(settings: Upstream, hostname: str) -> Sequence[Line]:
    """Return as many connections as the settings allow.

    Raises:
        UsageError: see `Line`.
    """
    return [Line(settings, hostname) for _ in range(settings.connections)]
