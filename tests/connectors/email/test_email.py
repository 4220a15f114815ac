"""E-mail: through a real SMTP server on loopback, encrypted as the settings say, sorted by what the server answers."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from pydantic import ValidationError

from connectors.email.client import EmailChannel
from connectors.email.config import EmailSettings
from connectors.notice import Notice, PassingSendError, Patience, PermanentSendError, Why
from integration.errors import UsageError
from tests.servers import ending

NOTICE = Notice("n-1", datetime(2026, 3, 2, 3, 4, 5, tzinfo=UTC), "[holdwatch] ALERT: disk", "Grüße\n.\nend\n", "x", {})
QUICK = Patience(attempts=3, seconds=5, first_wait=0.01, longest_wait=0.05)
PASSWORD = "zyxquorn-pass"


@dataclass
class Mailbox:
    """A relay's side of the talk."""

    answers: list[str] = field(default_factory=list)
    """To the whole message, one after another; then ``250``."""
    refuse: dict[str, str] = field(default_factory=dict)
    taken: list[tuple[list[str], bytes]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    tries: int = 0
    port: int = 0

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, _options: Any) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.tries += 1
        if self.answers:
            return self.answers.pop(0)
        self.taken.append((list(envelope.rcpt_tos), envelope.original_content or b""))
        self.encrypted.append(server.transport.get_extra_info("sslcontext") is not None)
        return "250 ok"


@asynccontextmanager
async def relay(
    tls: str = "", ca: trustme.CA | None = None, name: str = "localhost", **options: Any
) -> AsyncIterator[Mailbox]:
    box, context = Mailbox(), None
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        (ca or trustme.CA()).issue_cert(name).configure_cert(context)
    if tls == "starttls":
        options["tls_context"] = context
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(box, hostname="relay.example", **options),
        "127.0.0.1",
        0,
        ssl=context if tls == "implicit" else None,
    )
    async with ending(server) as box.port:
        yield box


def settings(box: Mailbox, **more: Any) -> EmailSettings:
    fields: dict[str, Any] = {
        "host": "localhost",
        "port": box.port,
        "sender": "holdwatch@jail.example",
        "recipients": ["it@jail.example", "watch@jail.example"],
        "timeout_seconds": 1,
    }
    return EmailSettings(**{**fields, **more})


async def sent(made: EmailSettings, notice: Notice = NOTICE) -> None:
    await EmailChannel(made, QUICK).send(notice)


async def test_it_arrives_whole_when_it_is_sent():
    async with relay() as box:
        await sent(settings(box))
    ((recipients, content),) = box.taken
    message = message_from_bytes(content, policy=policy.default)
    assert recipients == ["it@jail.example", "watch@jail.example"]
    assert message["Subject"] == NOTICE.title
    assert message["Message-ID"] == "<n-1@jail.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == NOTICE.at
    assert message.get_content().replace("\r\n", "\n") == NOTICE.text


@pytest.mark.parametrize(("offered", "encrypted"), [("", False), ("starttls", True)])
async def test_it_is_encrypted_when_that_is_offered(offered, encrypted):
    async with relay(offered) as box:
        await sent(settings(box))
    assert box.encrypted == [encrypted]


@pytest.mark.parametrize(("tls", "server"), [("required", "starttls"), ("implicit", "implicit")])
async def test_it_is_sent_only_to_whom_we_trust_when_encryption_is_required(tmp_path, tls, server):
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    async with relay(server, ca) as box:
        await sent(settings(box, tls=tls, ca_file=tmp_path / "ca.pem"))
        with pytest.raises(PermanentSendError) as stranger:
            await sent(settings(box, tls=tls))
    async with relay(server, ca, name="other.example") as elsewhere:
        with pytest.raises(PermanentSendError) as other_name:
            await sent(settings(elsewhere, tls=tls, ca_file=tmp_path / "ca.pem"))
    assert {stranger.value.why, other_name.value.why} == {Why.UNTRUSTED}
    assert (box.encrypted, elsewhere.taken) == ([True], [])


async def test_nothing_is_sent_when_encryption_is_required_and_not_offered():
    async with relay() as box:
        with pytest.raises(PermanentSendError) as caught:
            await sent(settings(box, tls="required"))
    assert (caught.value.why, box.tries) == (Why.INSECURE, 0)


@pytest.mark.parametrize("tls", ["implicit", "required"])
async def test_it_is_tried_again_when_a_relay_in_trouble_breaks_the_handshake_off(tls):
    tries = 0

    async def in_trouble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal tries
        tries += 1
        if tls == "required":
            for said in (b"220 x ESMTP\r\n", b"250-x\r\n250 STARTTLS\r\n", b"220 go\r\n"):
                writer.write(said)
                await reader.readline() if not said.startswith(b"220 go") else None
        await reader.read(10)
        writer.write(bytes([21, 3, 3, 0, 2, 2, 80]))  # a fatal alert: internal_error
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(in_trouble, "127.0.0.1", 0)
    box = Mailbox()
    async with ending(server) as box.port:
        with pytest.raises(PassingSendError) as caught:
            await sent(settings(box, tls=tls))
    assert (caught.value.why, tries > 1) == (Why.UNREACHABLE, True)


async def test_it_is_tried_again_when_the_answer_may_pass():
    async with relay() as box:
        box.answers = ["451 try later", "452 no room"]
        await sent(settings(box))
    assert (box.tries, len(box.taken)) == (3, 1)


async def test_it_gives_up_after_its_attempts_when_nothing_passes():
    async with relay() as box:
        box.answers = ["451 no"] * 9
        with pytest.raises(PassingSendError) as caught:
            await sent(settings(box))
    assert (str(caught.value), box.tries) == ("busy (451)", 3)


async def test_it_is_not_tried_again_when_the_answer_is_for_good():
    async with relay() as box:
        box.answers = ["554 no: zyxquorn"]
        with pytest.raises(PermanentSendError) as caught:
            await sent(settings(box))
    assert (str(caught.value), box.tries) == ("refused (554)", 1)


async def test_it_counts_as_taken_when_one_recipient_takes_it(capsys):
    async with relay() as box:
        box.refuse = {"it@jail.example": "550 no such mailbox"}
        await sent(settings(box))
    assert [recipients for recipients, _ in box.taken] == [["watch@jail.example"]]
    said = capsys.readouterr()
    assert "it@jail.example" not in said.out + said.err


@pytest.mark.parametrize(
    ("codes", "error", "says"),
    [
        (("550 no", "550 no"), PermanentSendError, "refused (550)"),
        (("550 no", "450 greylisted"), PassingSendError, "busy (450)"),
    ],
)
async def test_it_is_sorted_by_the_mildest_answer_when_every_recipient_is_refused(codes, error, says):
    async with relay() as box:
        box.refuse = dict(zip(("it@jail.example", "watch@jail.example"), codes, strict=True))
        with pytest.raises(error) as caught:
            await sent(settings(box))
    assert str(caught.value) == says


async def test_it_says_unreachable_when_nobody_listens():
    async with relay() as box:
        pass
    with pytest.raises(PassingSendError) as caught:
        await sent(settings(box))
    assert caught.value.why is Why.UNREACHABLE


def password_file(folder: Path) -> Path:
    path = folder / "password"
    path.write_text(PASSWORD)
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("right", [True, False])
async def test_it_logs_in_only_behind_encryption_when_a_password_is_set(tmp_path, right):
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))

    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        known = (data.login, data.password) == (b"jail", PASSWORD.encode())
        return AuthResult(success=right and known, handled=False)

    login = {"user": "jail", "password_file": password_file(tmp_path), "ca_file": tmp_path / "ca.pem"}
    async with relay("starttls", ca, authenticator=check, auth_required=True) as box:
        made = settings(box, tls="required", **login)
        if right:
            await sent(made)
        else:
            with pytest.raises(PermanentSendError) as caught:
                await sent(made)
            assert str(caught.value) == "refused (535)"
    assert len(box.taken) == right


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"user": "jail"}, "go together"),
        ({"user": "jail", "password_file": "p"}, "is sent only with tls"),
        ({"sender": "a@b\r\nBcc: c@d"}, "one mail address"),
        ({"recipients": ["zyxquorn"]}, "one mail address"),
        ({"recipients": []}, "at least 1"),
    ],
)
def test_settings_are_refused_when_they_cannot_be_meant(more, says):
    with pytest.raises(ValidationError, match=says) as caught:
        settings(Mailbox(port=25), **more)
    assert "zyxquorn" not in str(caught.value)


def test_it_does_not_start_when_the_password_can_be_read_by_others(tmp_path):
    path = password_file(tmp_path)
    path.chmod(0o640)
    with pytest.raises(UsageError, match="can be read by others"):
        EmailChannel(settings(Mailbox(port=25), tls="required", user="jail", password_file=path))
