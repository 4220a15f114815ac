"""One request, whoever reads it: every form that two readers could part differently is refused unread."""

import asyncio
import contextlib

import pytest

from connectors.http_gateway.head import HeadFault, head_fault
from tests.gateway_http.site import Upstream, reply_of, settings, site

GOOD = b"POST /forward/there/x HTTP/1.1\r\nHost: gate.test\r\nContent-Length: 2\r\n\r\n{}"
SECOND = b"POST /forward/there/second HTTP/1.1\r\nHost: gate.test\r\nContent-Length: 0\r\n\r\n"


def post(
    *fields: bytes, line: bytes = b"POST /forward/there/x HTTP/1.1", body: bytes = b"", end: bytes = b"\r\n"
) -> bytes:
    return end.join([line, b"Host: gate.test", *fields]) + end + end + body


SMUGGLED = [
    (post(b"Content-Length: 0", b"Content-Length: 82", body=SECOND), HeadFault.BAD_LENGTH, "two lengths"),
    (post(b"Content-Length: 2", b"Content-Length: 2", body=b"{}"), HeadFault.BAD_LENGTH, "the same length twice"),
    (post(b"Content-Length: 2, 2", body=b"{}"), HeadFault.BAD_LENGTH, "two lengths in one field"),
    (post(b"Content-Length: +2", body=b"{}"), HeadFault.BAD_LENGTH, "a sign"),
    (post(b"Content-Length: 0x2", body=b"{}"), HeadFault.BAD_LENGTH, "hexadecimal"),
    (post(b"Content-Length: -1"), HeadFault.BAD_LENGTH, "less than nothing"),
    (post(b"Content-Length:"), HeadFault.BAD_LENGTH, "an empty length"),
    (
        post(b"Content-Length: 4", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n" + SECOND),
        HeadFault.LENGTH_AND_ENCODING,
        "TE and CL",
    ),
    (
        post(b"Transfer-Encoding: chunked", b"Content-Length: 4", body=b"0\r\n\r\n" + SECOND),
        HeadFault.LENGTH_AND_ENCODING,
        "CL and TE",
    ),
    (
        post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity", body=b"0\r\n\r\n"),
        HeadFault.BAD_ENCODING,
        "TE and TE",
    ),
    (post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n"), HeadFault.BAD_ENCODING, "not quite chunked"),
    (post(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"), HeadFault.BAD_ENCODING, "compressed on the way"),
    (
        post(b"Transfer-Encoding: chunked", body=b"0\r\n\r\n", line=b"POST /forward/there/x HTTP/1.0"),
        HeadFault.BAD_ENCODING,
        "chunks in HTTP/1.0",
    ),
    (post(b"Transfer-Encoding : chunked", body=b"0\r\n\r\n"), HeadFault.BAD_FIELD, "a space before the colon"),
    (
        post(b"Transfer-Encoding\x0b: chunked", body=b"0\r\n\r\n"),
        HeadFault.BAD_FIELD,
        "a vertical tab before the colon",
    ),
    (post(b"Transfer-Encoding:\x0bchunked", body=b"0\r\n\r\n"), HeadFault.BAD_FIELD, "a vertical tab in it"),
    (post(b"X: y\r\n Content-Length: 5", b"Content-Length: 0"), HeadFault.FOLDED_FIELD, "a folded line"),
    (post(b"X: y\r\n\tTransfer-Encoding: chunked"), HeadFault.FOLDED_FIELD, "a folded line with a tab"),
    (post(b"Content-Length: 0", end=b"\n"), HeadFault.BARE_LINE_END, "bare LF throughout"),
    (post(b"X: y\nContent-Length: 82", b"Content-Length: 0"), HeadFault.BARE_LINE_END, "a bare LF inside"),
    (post(b"X: y\rContent-Length: 82", b"Content-Length: 0"), HeadFault.BARE_LINE_END, "a bare CR inside"),
    (post(b"X: y\0", b"Content-Length: 0"), HeadFault.BARE_LINE_END, "a NUL"),
    (post(b"X", b"Content-Length: 0"), HeadFault.BAD_FIELD, "no colon"),
    (post(b": y", b"Content-Length: 0"), HeadFault.BAD_FIELD, "no name"),
    (post(b"Host: other.test", b"Content-Length: 0"), HeadFault.BAD_HOST, "two hosts"),
    (b"POST /forward/there/x HTTP/1.1\r\nContent-Length: 0\r\n\r\n", HeadFault.BAD_HOST, "no host"),
    (
        post(line=b"POST /x HTTP/1.1", body=b"").replace(b"gate.test", b"gate.test@ice.gov"),
        HeadFault.BAD_HOST,
        "a user in the host",
    ),
    (post(line=b"POST http://ice.gov/forward/there/x HTTP/1.1"), HeadFault.BAD_TARGET, "an absolute URL"),
    (post(line=b"CONNECT ice.gov:443 HTTP/1.1"), HeadFault.BAD_TARGET, "a tunnel"),
    (post(line=b"OPTIONS * HTTP/1.1"), HeadFault.BAD_TARGET, "an asterisk"),
    (post(line=b"POST /forward/there/x"), HeadFault.BAD_REQUEST_LINE, "HTTP/0.9"),
    (post(line=b"POST /forward/there/x HTTP/2.0"), HeadFault.BAD_REQUEST_LINE, "another version"),
    (post(line=b"POST  /forward/there/x HTTP/1.1"), HeadFault.BAD_REQUEST_LINE, "two spaces"),
    (post(line=b"POST /forward/there/x y HTTP/1.1"), HeadFault.BAD_REQUEST_LINE, "a space in the path"),
    (post(line=b"post /forward/there/x HTTP/1.1"), HeadFault.BAD_REQUEST_LINE, "a method in small letters"),
    (post(line=b"POST /forward/there/\xc3\xa9 HTTP/1.1"), HeadFault.BAD_TARGET, "a path that is not ASCII"),
    (post(b"Connection: x-secret", b"X-Secret: y"), HeadFault.BAD_CONNECTION, "a field that the next hop takes away"),
    (post(b"Connection: Upgrade", b"Upgrade: websocket"), HeadFault.UPGRADE, "a WebSocket"),
    (post(b"Connection: close", b"HTTP2-Settings: AAMAAABk"), HeadFault.UPGRADE, "h2c"),
    (post(b"Expect: the-unexpected"), HeadFault.BAD_EXPECTATION, "an expectation"),
    (post(b"Content-Type: text/plain", b"Content-Type: application/json"), HeadFault.DUPLICATE_FIELD, "two types"),
    (post(b"Holdwatch-User: a", b"Holdwatch-User: b"), HeadFault.DUPLICATE_FIELD, "two users"),
    (post(*[b"X-%d: y" % number for number in range(200)]), HeadFault.TOO_LARGE, "too many fields"),
    (post(b"X: " + b"y" * 40_000), HeadFault.TOO_LARGE, "too long a field"),
    (GOOD + SECOND, HeadFault.PIPELINED, "a second request behind the first"),
    (post(b"Content-Length: 0", body=b"x"), HeadFault.PIPELINED, "a byte too many"),
]


@pytest.mark.parametrize(("raw", "fault"), [row[:2] for row in SMUGGLED], ids=[row[2] for row in SMUGGLED])
def test_head_is_refused_when_two_readers_could_part_the_request_differently(raw, fault):
    head, end, _ = raw.partition(b"\r\n\r\n")
    if fault is HeadFault.PIPELINED:
        assert head_fault(head + end) is None  # what follows it is the fault
    elif end:
        assert head_fault(head + end) is fault


async def test_request_is_refused_unread_when_two_readers_could_part_it_differently(tmp_path):
    async with Upstream().serving() as court:
        given = settings(tmp_path, {"upstreams": [{"name": "there", "url": court.url}]})
        async with site(given) as gate:
            for raw, fault, because in SMUGGLED:
                got = reply_of(await gate.say(raw))
                assert (got.status, got.json["reasons"]) == (400, [fault.value]), because
            assert gate.entries() == []
        assert court.requests == []


async def test_nothing_hidden_arrives_when_the_bytes_come_in_pieces(tmp_path):
    async with Upstream().serving() as court:
        given = settings(tmp_path, {"upstreams": [{"name": "there", "url": court.url}]})
        async with site(given) as gate:
            for raw, fault, because in SMUGGLED:
                if len(raw) > 1000:
                    continue
                await said_in_pieces(gate, [raw[at : at + 9] for at in range(0, len(raw), 9)])
                if fault is not HeadFault.PIPELINED:
                    assert court.requests == [], because
                court.requests.clear()
            told = [each["detail"] for each in gate.entries() if each["kind"] == "message.accepted"]
        assert len(told) <= 2  # the whole requests before what was pipelined


def test_ordinary_heads_are_let_through():
    for head in (
        GOOD.removesuffix(b"{}"),
        b"GET / HTTP/1.0\r\nHost: a.example:8080\r\nConnection: close\r\n\r\n",
        b"POST /x?a=b&c=%20 HTTP/1.1\r\nHost: [::1]:80\r\nTransfer-Encoding: Chunked\r\nConnection: keep-alive\r\n\r\n",
        b"PUT /x HTTP/1.1\r\nHost: a\r\nX-Empty:\r\nX-Spaced: \t a b \t\r\nX-High: \xe9\r\n\r\n",
        b"PUT /x HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\n\r\n",
    ):
        assert head_fault(head) is None, head


async def said_in_pieces(gate, pieces):
    reader, writer = await asyncio.open_connection("127.0.0.1", gate.listener.port)
    with contextlib.suppress(OSError):
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(0)
        writer.write_eof()
        await asyncio.wait_for(reader.read(), 60)
    writer.close()


async def test_connection_serves_one_request_after_another_when_each_waits_for_its_answer(tmp_path):
    async with Upstream().serving() as court:
        given = settings(tmp_path, {"upstreams": [{"name": "there", "url": court.url}]})
        async with site(given) as gate:
            reader, writer = await asyncio.open_connection("127.0.0.1", gate.listener.port)
            for _ in range(3):
                writer.write(GOOD)
                head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
                assert head.startswith(b"HTTP/1.1 200")
                assert await reader.readexactly(2) == b"{}"
            writer.close()
        assert len(court.requests) == 3


async def test_chunks_are_put_together_before_they_are_judged_and_leave_with_a_length(tmp_path):
    async with Upstream().serving() as court:
        given = settings(tmp_path, {"upstreams": [{"name": "there", "url": court.url}]})
        async with site(given) as gate:
            raw = post(
                b"Transfer-Encoding: chunked",
                b"Connection: close",
                body=b'4;x=y\r\n{"a"\r\n3\r\n:1}\r\n0\r\nX: y\r\n\r\n',
            )
            assert reply_of(await gate.say(raw)).status == 200
        [sent] = court.requests
    assert sent.endswith(b'\r\n\r\n{"a":1}')
    assert b"content-length: 7" in sent.lower()
    assert b"transfer-encoding" not in sent.lower()
    assert b"\r\nx: y" not in sent.lower()


@pytest.mark.parametrize(
    "body", [b"4\n{}  \r\n0\r\n\r\n", b"zz\r\n{}\r\n0\r\n\r\n", b"2\r\n{}x\r\n0\r\n\r\n", b"2\r\n{}\n0\r\n\r\n"]
)
async def test_chunks_are_refused_when_they_are_written_loosely(tmp_path, body):
    async with Upstream().serving() as court:
        given = settings(tmp_path, {"upstreams": [{"name": "there", "url": court.url}]})
        async with site(given) as gate:
            said = await gate.say(post(b"Transfer-Encoding: chunked", b"Connection: close", body=body))
            assert not said.startswith(b"HTTP/1.1 2")
            assert gate.entries() == []
        assert court.requests == []


async def test_connection_is_closed_when_a_head_takes_too_long(tmp_path):
    async with site(settings(tmp_path)) as gate:
        gate.listener._server.config.timeout_keep_alive = 0.2
        reader, writer = await asyncio.open_connection("127.0.0.1", gate.listener.port)
        writer.write(b"GET / HTTP/1.1\r\nHost: ")
        assert await asyncio.wait_for(reader.read(), 60) == b""
        writer.close()
