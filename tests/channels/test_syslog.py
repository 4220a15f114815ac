"""Syslog: whole messages in counted frames over TLS, to a server that we trust."""

import asyncio
import re
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import trustme
from pydantic import ValidationError

from connectors.channels import SyslogReceiver, open_channel
from connectors.notice import Act, Channel, PassingSendError, Patience, PermanentSendError, Why
from connectors.syslog.config import Facility, FacilityName
from connectors.syslog.message import framed, message_of
from integration.errors import UsageError
from schemas.kinds import Severity
from tests.channels.kinds import NOTICE, QUICK, sent
from tests.servers import ending

HEAD = re.compile(
    rb"<(?P<pri>\d+)>1 (?P<at>\S+) (?P<host>\S+) holdwatch - (?P<id>\S+) "
    rb"(?P<data>\[.*?(?<!\\)\]) \xef\xbb\xbf(?P<text>.*)",
    re.DOTALL,
)


@dataclass
class Server:
    """A log server that reads frames by their count."""

    port: int = 0
    got: list[bytes] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    hang_up: int = 0
    """How many connections it ends before it has read."""
    connections: int = 0


@asynccontextmanager
async def log_server(authority: trustme.CA) -> AsyncIterator[Server]:
    made, context = Server(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        made.connections += 1
        if made.hang_up:
            made.hang_up -= 1
            writer.transport.abort()
            return
        with suppress(asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            while count := await reader.readuntil(b" "):
                made.got.append(await reader.readexactly(int(count)))
                made.news.set()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with ending(server) as made.port:
        yield made


def channel(server: Server, folder: Path, authority: trustme.CA, **more: Any) -> Channel:
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    fields = {"channel": "syslog", "host": "127.0.0.1", "port": server.port, "ca_file": folder / "ca.pem"}
    settings = SyslogReceiver(**{**fields, "timeout_seconds": 15, "hostname": "jail-1", "listen_seconds": 0.05, **more})
    made = open_channel(settings)
    made._patience = QUICK
    return made


async def arrived(server: Server) -> None:
    async with asyncio.timeout(60):
        await server.news.wait()


async def test_it_arrives_whole_when_it_is_sent(tmp_path):
    ca = trustme.CA()
    async with log_server(ca) as server:
        await sent(channel(server, tmp_path, ca))
        await arrived(server)
    found = HEAD.fullmatch(server.got[0])
    assert found is not None
    # local0 is 16, alert is 1 (RFC 5424, tables 1 and 2).
    assert (found["pri"], found["at"], found["host"]) == (b"129", b"2026-03-02T03:04:05.678901Z", b"jail-1")
    assert (found["id"], found["text"].decode()) == (
        b"holdwatch.alert.v1",
        "ALERT: B-100 held past release | Booking B-100 | Release it.",
    )
    assert found["data"].decode() == (
        '[notice@32473 id="n-1" alert="A1" act="open" severity="violation" site="example-county-jail"'
        f' exercise="false" link="{NOTICE.link}"]'
    )


@pytest.mark.parametrize(
    ("changed", "level"),
    [
        ({"severity": Severity.VIOLATION}, 1),
        ({"severity": Severity.WARNING}, 4),
        ({"severity": Severity.ADVICE}, 5),
        ({"act": Act.CLOSED}, 6),
        ({"act": Act.ACKNOWLEDGED}, 6),
        ({"exercise": True}, 6),
    ],
)
@pytest.mark.parametrize("facility", [Facility.AUTHPRIV, Facility.LOCAL7])
def test_the_priority_says_how_grave_it_is_when_it_is_written(changed, level, facility):
    message = message_of(replace(NOTICE, **changed), facility=facility, hostname="h", number=1, most=2048)
    assert message.startswith(b"<%d>1 " % (facility * 8 + level))


def test_every_facility_has_its_code_when_it_can_be_set():
    assert {name.upper() for name in FacilityName.__args__} == set(Facility.__members__)


def test_structured_data_is_escaped_when_values_hold_its_marks():
    message = message_of(
        replace(NOTICE, site='a"b\\c]d', key="k\x07"), facility=Facility.USER, hostname="h", number=1, most=2048
    )
    assert b'site="a\\"b\\\\c\\]d"' in message
    assert b'alert="k"' in message


@pytest.mark.parametrize(
    "text", ["\r\n<34>1 forged", "\u2028x", "\x00", "\x85<0>", "\u00e9" * 9000, "\U0001f6a8" * 9000]
)
def test_it_is_one_line_of_whole_characters_when_the_text_is_hostile(text):
    message = message_of(
        replace(NOTICE, title=text, text=text), facility=Facility.USER, hostname="h", number=1, most=2048
    )
    assert len(message) <= 2048
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028]", message.decode())
    assert framed(message) == str(len(message)).encode() + b" " + message


async def test_it_is_tried_again_when_the_server_hangs_up(tmp_path):
    ca = trustme.CA()
    async with log_server(ca) as server:
        server.hang_up = 2
        await sent(channel(server, tmp_path, ca, listen_seconds=2))
        await arrived(server)
    assert (server.connections, len(server.got)) == (3, 1)


async def test_it_gives_up_when_the_server_always_hangs_up(tmp_path):
    ca = trustme.CA()
    async with log_server(ca) as server:
        server.hang_up = 99
        with pytest.raises(PassingSendError) as caught:
            await sent(channel(server, tmp_path, ca, listen_seconds=2))
    assert (caught.value.why, server.connections) == (Why.UNREACHABLE, 3)


async def test_it_is_not_sent_when_the_server_is_a_stranger(tmp_path):
    async with log_server(trustme.CA()) as server:
        with pytest.raises(PermanentSendError) as caught:
            await sent(channel(server, tmp_path, trustme.CA()))
    assert (caught.value.why, server.got) == (Why.UNTRUSTED, [])


@contextmanager
def careful_server(authority: trustme.CA, clients: trustme.CA) -> Iterator[Server]:
    """A server on OpenSSL itself: it tells whom it does not know with an alert (asyncio's hangs up without a word)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    context.verify_mode = ssl.CERT_REQUIRED
    clients.configure_trust(context)
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(60)
    made = Server(port=listener.getsockname()[1])

    def serve() -> None:
        plain, _ = listener.accept()
        plain.settimeout(60)
        with plain, suppress(ssl.SSLError), context.wrap_socket(plain, server_side=True) as encrypted:
            while piece := encrypted.recv(65536):
                made.got.append(piece)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield made
    finally:
        thread.join()
        listener.close()


@pytest.mark.parametrize("known", [True, False])
async def test_our_certificate_decides_when_the_server_asks_for_one(tmp_path, known):
    ca, clients = trustme.CA(), trustme.CA()
    ours = (clients if known else trustme.CA()).issue_cert("jail-1.example")
    ours.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    ours.cert_chain_pems[0].write_to_path(str(tmp_path / "cert.pem"))
    files = {"cert_file": tmp_path / "cert.pem", "key_file": tmp_path / "key.pem"}
    error = None
    with careful_server(ca, clients) as server:
        try:
            await sent(channel(server, tmp_path, ca, listen_seconds=0.05 if known else 5, **files))
        except PermanentSendError as caught:
            error = caught.why
    assert (error, bool(server.got)) == ((None, True) if known else (Why.REFUSED, False))


async def test_it_says_unreachable_when_nobody_listens(tmp_path):
    ca = trustme.CA()
    async with log_server(ca) as server:
        pass
    with pytest.raises(PassingSendError) as caught:
        await sent(channel(server, tmp_path, ca))
    assert caught.value.why is Why.UNREACHABLE


async def test_it_is_bounded_when_nobody_speaks_tls(tmp_path):
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with ending(server) as port:
        made = Server(port=port)
        opened = channel(made, tmp_path, trustme.CA(), timeout_seconds=0.2)
        opened._patience = Patience(attempts=2, seconds=5, first_wait=0.01)
        with pytest.raises(PassingSendError):
            await sent(opened)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"cert_file": "c"}, "go together"),
        ({"facility": "kern"}, "Input should be"),
        ({"hostname": "two words"}, "pattern"),
        ({"port": 0}, "greater than"),
        ({"most_bytes": 480}, "greater than or equal"),
    ],
)
def test_settings_are_refused_when_they_cannot_be_meant(more, says):
    with pytest.raises(ValidationError, match=says):
        SyslogReceiver(**{"channel": "syslog", "host": "h", **more})


@pytest.mark.parametrize("files", [{"ca_file": "x"}, {"cert_file": "x", "key_file": "x"}])
def test_it_does_not_start_when_a_certificate_cannot_be_used(tmp_path, files):
    (tmp_path / "x").write_text("no certificate")
    paths = dict.fromkeys(files, tmp_path / "x")
    with pytest.raises(UsageError):
        open_channel(SyslogReceiver(channel="syslog", host="h", **paths))
