"""Sending notices by SMTP through a relay (RFC 5321), with STARTTLS (RFC 3207) or TLS from the start."""

import socket
import ssl
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from hashlib import sha256
from typing import Final

import structlog
from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from connectors.email.config import EmailSettings, Tls
from connectors.notice import PATIENCE, Notice, PassingSendError, Patience, PermanentSendError, SendError, Why
from connectors.secret import read_secret
from integration.errors import UsageError

_log = structlog.get_logger()

_FOR_GOOD: Final = 500
"""Answers from here on mean that the same command would be refused again (RFC 5321, section 4.2.1)."""


class EmailChannel:
    """One relay and its recipients."""

    def __init__(self, settings: EmailSettings, patience: Patience = PATIENCE) -> None:
        """Read password and certificates.

        Raises:
            UsageError: one of them cannot be used.
        """
        self.name = settings.name
        self._settings = settings
        self._patience = patience
        self._password = read_secret(settings.password_file) if settings.password_file else None
        try:
            self._trust = ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None)
        except OSError as error:
            raise UsageError(f"{settings.ca_file} holds no certificate: {error.strerror}") from None
        if settings.tls is Tls.OFFERED:
            self._trust.check_hostname = False
            self._trust.verify_mode = ssl.CERT_NONE

    async def send(self, notice: Notice) -> None:
        """See `Channel.send`. Taken once the relay has taken it for at least one recipient."""
        message = self._message(notice)
        async for attempt in self._patience.tries():
            with attempt:
                await self._hand_over(message)

    async def post(self, subject: str, text: str, files: Sequence[tuple[str, str, bytes]], *, at: datetime) -> None:
        """Send files: reports to a mailbox.

        Args:
            subject: one line.
            text: what the files are.
            files: name, media type and content of each.
            at: the time, UTC.

        Raises:
            SendError: the relay did not take it.
        """
        digest = sha256(b"".join(content for _, _, content in files)).hexdigest()[:32]
        message = self._message(Notice(id=digest, at=at, title=subject, text=text, type="report"))
        for name, media, content in files:
            kind, _, rest = media.partition("/")
            message.add_attachment(content, maintype=kind, subtype=rest, filename=name)
        async for attempt in self._patience.tries():
            with attempt:
                await self._hand_over(message)

    def _message(self, notice: Notice) -> EmailMessage:
        message = EmailMessage(policy=SMTP_POLICY)
        message["Subject"] = notice.title
        message["From"] = self._settings.sender
        message["To"] = ", ".join(self._settings.recipients)
        message["Date"] = format_datetime(notice.at)
        # The same for each attempt: a mailbox that got two of them can tell.
        message["Message-ID"] = f"<{notice.id}@{self._settings.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
        message.set_content(notice.text)
        if notice.html:
            message.add_alternative(notice.html, subtype="html")
        return message

    async def _hand_over(self, message: EmailMessage) -> None:
        settings = self._settings
        client = SMTP(
            hostname=settings.host,
            port=settings.port,
            username=settings.user or None,
            password=self._password,
            # Not the fully qualified name: asking for that may wait for a name server that is gone.
            local_hostname=socket.gethostname(),
            timeout=settings.timeout_seconds,
            use_tls=settings.tls is Tls.IMPLICIT,
            start_tls={Tls.OFFERED: None, Tls.REQUIRED: True, Tls.IMPLICIT: False}[settings.tls],
            tls_context=self._trust,
        )
        try:
            async with client:
                refused, _ = await client.send_message(message)
        except (SMTPException, OSError) as error:
            raise _sorted(error) from error
        if refused:
            _log.warning("email.recipients_refused", channel=self.name, count=len(refused))

    async def close(self) -> None:
        """Nothing is kept open."""


def _sorted(error: SMTPException | OSError) -> SendError:
    """Sort what went wrong by what happens next."""
    causes = _causes(error)
    if any(isinstance(each, ssl.SSLCertVerificationError) for each in causes):
        return PermanentSendError(Why.UNTRUSTED)
    if any(isinstance(each, ssl.SSLError) for each in causes):
        # A relay in trouble breaks handshakes off in many ways; the next one may go through.
        return PassingSendError(Why.UNREACHABLE)
    if isinstance(error, SMTPRecipientsRefused):
        # As long as one of them may be taken later, the notice may be.
        code = min(each.code for each in error.recipients)
        return _by_code(code)
    if isinstance(error, SMTPResponseException):
        return _by_code(error.code)
    if isinstance(error, SMTPServerDisconnected | SMTPTimeoutError | OSError):
        return PassingSendError(Why.UNREACHABLE)
    # What is left: STARTTLS, a login method or an address form that the relay does not know.
    return PermanentSendError(Why.INSECURE)


def _causes(error: BaseException | None) -> list[BaseException]:
    found = []
    while error is not None:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def _by_code(code: int) -> SendError:
    return PermanentSendError(Why.REFUSED, str(code)) if code >= _FOR_GOOD else PassingSendError(Why.BUSY, str(code))
