"""The way in: an SMTP server that judges nothing itself, repairs nothing, and promises only what is durable.

aiosmtpd speaks the protocol: greetings, STARTTLS, AUTH, order of commands. What it reads leniently is read strictly
here: lines and message (`reading`), addresses (`paths`). Everything that it would tell to its log stays untold: that
log repeats addresses.
"""

import asyncio
import logging
import ssl
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, Final

import structlog
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword, syntax
from aiosmtpd.smtp import Envelope as _Envelope
from aiosmtpd.smtp import Session as _Session

from connectors.smtp_gateway.config import Listen
from connectors.smtp_gateway.passwords import Passwords
from connectors.smtp_gateway.paths import read_path
from connectors.smtp_gateway.reading import FaultError, HangUp, StrictReader, TooLargeError, read_message

_log = structlog.get_logger()
logging.getLogger("mail.log").disabled = True  # It repeats commands and addresses.

_NULL: Final = "<>"
"""The sender of a bounce, as the library needs it: an empty one counts as none there."""
_CHUNK: Final = 256 * 1024
"""Bytes of a message that are read at once."""
_LONGEST_COMMAND: Final = 4096
_TRIES: Final = 3
"""Wrong passwords in one connection."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A message as a client handed it over."""

    raw: bytes = field(repr=False)
    sender: str = field(repr=False)
    recipients: tuple[str, ...] = field(repr=False)
    user: str = field(repr=False)
    utf8: bool


Take = Callable[[Handed], Awaitable[str]]
"""Makes a message durable and returns the reply; raises: it was not taken."""
TurnedAway = Callable[[str], Awaitable[None]]
"""Records that a message was refused before it was judged; raises: it could not be recorded."""


class Door:
    """What all connections share."""

    def __init__(self, settings: Listen, take: Take, turned_away: TurnedAway) -> None:
        """Read certificate and logins.

        Raises:
            UsageError: the logins cannot be read.
            OSError: the certificate cannot be read.
        """
        self.settings = settings
        self.take = take
        self.turned_away = turned_away
        self.open = 0
        """Connections."""
        self.trust: ssl.SSLContext | None = None
        if settings.cert_file is not None:
            self.trust = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self.trust.load_cert_chain(settings.cert_file, settings.key_file)
        self._passwords = Passwords(settings.users_file) if settings.users_file else None

    async def handle_exception(self, error: Exception) -> str:
        """Answer what nobody foresaw: nothing was taken, and nothing of it is told."""
        _log.error("gate.session_failed", error=type(error).__name__)
        return "451 4.3.0 try again later"

    def login(
        self, _server: SMTP, _session: _Session, _envelope: _Envelope, _mechanism: str, data: object
    ) -> AuthResult:
        """Check a login (AUTH PLAIN and LOGIN)."""
        if self._passwords is None or not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        try:
            name, password = data.login.decode("utf-8"), data.password.decode("utf-8")
        except UnicodeDecodeError:
            name, password = "", ""
        right = self._passwords.right(name, password)
        return AuthResult(success=right, handled=False, auth_data=data if right else None)

    async def handle_EHLO(  # noqa: N802  the library finds these by their names
        self, _server: SMTP, session: _Session, _envelope: _Envelope, hostname: str, lines: list[str]
    ) -> list[str]:
        """Greet: without the empty list of logins and the offer of help."""
        session.host_name = hostname
        kept = [line for line in lines if line not in ("250-AUTH ", "250 HELP")]
        return [*kept, "250-PIPELINING", "250 ENHANCEDSTATUSCODES"]

    async def start(self) -> asyncio.Server:
        """Listen."""
        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: Conversation(self), self.settings.address, self.settings.port)

    def allows(self, peer: object) -> bool:
        """Tell whether a client may speak to it at all."""
        if not isinstance(peer, tuple) or not peer:
            return False
        address = ip_address(str(peer[0]).partition("%")[0])
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self.settings.networks)


class Conversation(SMTP):
    """One connection."""

    line_length_limit = _CHUNK
    local_part_limit = 0

    def __init__(self, door: Door) -> None:
        """Args: ``door`` is shared."""
        settings = door.settings
        super().__init__(
            door,
            data_size_limit=settings.max_bytes,
            enable_SMTPUTF8=True,
            hostname=settings.hostname,
            ident="ESMTP",
            tls_context=door.trust,
            require_starttls=settings.tls_required,
            timeout=settings.timeout_seconds,
            auth_required=settings.auth_required,
            auth_require_tls=True,
            authenticator=door.login if settings.users_file else None,
            auth_exclude_mechanism=() if settings.users_file else ("PLAIN", "LOGIN"),
        )
        # The library's own is shared by all connections.
        self.command_size_limits = defaultdict(lambda: _LONGEST_COMMAND)
        self._door = door
        self._counted = False
        self._turned_off = False
        self._wrong_logins = 0

    # -- the connection ---------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let a client in, or not. Called again once STARTTLS is done."""
        if not self._counted:
            self._counted = True
            self._door.open += 1
            reply = self._no_entry(transport.get_extra_info("peername"))
            if reply is not None and isinstance(transport, asyncio.Transport):
                self._turned_off = True
                transport.write(reply)
                transport.close()
                return
        super().connection_made(transport)

    def _no_entry(self, peer: object) -> bytes | None:
        if not self._door.allows(peer):
            _log.warning("gate.client_not_allowed")
            return b"554 5.7.1 not for you\r\n"
        if self._door.open > self._door.settings.max_connections:
            return b"421 4.3.2 too many connections\r\n"
        return None

    def data_received(self, data: bytes) -> None:
        """Hand on what came."""
        if not self._turned_off:
            super().data_received(data)

    def eof_received(self) -> bool | None:
        """Take note that the client says nothing more."""
        return False if self._turned_off else super().eof_received()

    def connection_lost(self, error: Exception | None) -> None:
        """Count down."""
        if self._counted:
            self._counted = False
            self._door.open -= 1
        if not self._turned_off:
            super().connection_lost(error)

    def _cb_client_connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super()._cb_client_connected(reader, writer)
        self._stream = reader
        self._reader = StrictReader(reader)  # type: ignore[assignment]

    async def _handle_client(self) -> None:
        try:
            await super()._handle_client()
        except HangUp as last:
            with suppress(ConnectionError):
                await self.push(last.reply)
            if self.transport is not None:
                self.transport.close()
        except (ConnectionError, TimeoutError, ssl.SSLError):
            return  # The client is gone; nothing that was not answered was promised.

    # -- commands ---------------------------------------------------------------------------------------------------

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """Read an address as it was written; the library's own way would repair it."""
        path = read_path(arg)
        if path is None:
            return None, None
        address, parameters = path
        asked = "SMTPUTF8" in parameters.upper().split() or bool(self.envelope and self.envelope.smtp_utf8)
        if not address.isascii() and not asked:
            return None, None
        return address or _NULL, parameters

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        """Take one recipient: not nobody, and not one too many."""
        if self.envelope is not None and len(self.envelope.rcpt_tos) >= self._door.settings.max_recipients:
            await self.push("452 4.5.3 too many recipients")
            return
        if arg is not None and arg.upper().replace(" ", "").startswith("TO:<>"):
            await self.push("553 5.1.3 nobody")
            return
        await super().smtp_RCPT(arg)

    @syntax("VRFY <address>")
    async def smtp_VRFY(self, _arg: str) -> None:  # noqa: N802
        """Tell nobody who exists."""
        await self.push("252 2.5.0 send it, and see")

    @syntax("HELP")
    async def smtp_HELP(self, _arg: str) -> None:  # noqa: N802
        """Repeat nothing."""
        await self.push("214 2.0.0 see RFC 5321")

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802
        """Take a login, a few times."""
        await super().smtp_AUTH(arg)
        if self.session is not None and not self.session.authenticated:
            self._wrong_logins += 1
            if self._wrong_logins >= _TRIES:
                raise HangUp("421 4.7.0 too many tries")

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """Take a message: read it strictly, have it made durable, and only then answer 250."""
        if await self.check_helo_needed() or await self.check_auth_needed("DATA"):
            return
        assert self.envelope is not None
        assert self.session is not None
        if not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 no recipient yet")
            return
        if arg:
            await self.push("501 5.5.4 DATA has no parameters")
            return
        await self.push("354 end with CRLF . CRLF")
        try:
            raw = await read_message(self._stream, self._door.settings.max_bytes, self._reset_timeout)
        except TooLargeError:
            self._set_post_data_state()  # type: ignore[no-untyped-call]
            await self.push("552 5.3.4 too large")
            return
        except FaultError as error:
            await self._turn_away(error)
        except asyncio.IncompleteReadError:
            raise ConnectionResetError from None
        else:
            await self._take(raw)

    async def _turn_away(self, error: FaultError) -> None:
        try:
            await self._door.turned_away(error.fault.value)
        except Exception as failed:  # noqa: BLE001  it is refused in any case
            _log.error("gate.not_recorded", error=type(failed).__name__)
        raise HangUp(f"554 5.6.0 {error.fault.value}: a line ends with CRLF, and has no other control")

    def _user(self) -> str:
        login = getattr(self.session, "login_data", None)
        return login.decode("utf-8") if isinstance(login, bytes) else ""

    async def _take(self, raw: bytes) -> None:
        assert self.envelope is not None
        envelope: Any = self.envelope
        handed = Handed(
            raw=raw,
            sender="" if envelope.mail_from == _NULL else envelope.mail_from,
            recipients=tuple(envelope.rcpt_tos),
            user=self._user(),
            utf8=bool(envelope.smtp_utf8),
        )
        self._set_post_data_state()  # type: ignore[no-untyped-call]
        try:
            reply = await self._door.take(handed)
        except Exception as error:  # noqa: BLE001  whatever it was, the message was not taken
            _log.error("gate.not_taken", error=type(error).__name__)
            reply = "451 4.3.0 try again later"
        self._reset_timeout()
        await self.push(reply)
