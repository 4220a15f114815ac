"""The real nginx and Squid with the configurations of docs/gate.md, in front of a server that keeps what reaches it.

By hand: it needs both programs (`apt-get install nginx squid`), and fails where one is missing.
"""

import asyncio
import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from random import Random

import pytest

from tests.docs.pages import ROOT
from tests.gateway_http.site import Upstream, settings, site, until
from tests.gateway_http.test_process import HOLDWATCH, _listens, program, written
from tests.ports import free_port
from tests.servers import ending

pytestmark = pytest.mark.by_hand

ICE = "ice.dhs.gov"
COURT = "court.example"
FILE = Random(5).randbytes(100_000)
TOKEN = "sesame-sesame"
MAY_READ = "+dac_override,+dac_read_search"
NOT_AS_ROOT = (
    f"setpriv --reuid proxy --regid proxy --clear-groups --inh-caps {MAY_READ} --ambient-caps {MAY_READ}".split()
)
"""Squid refuses to be root. In the place of the page's sudo its helper may read what is root's: the interpreter."""
NGINX_AROUND = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log; {user}
events {{}}
http {{
access_log off;
map $uri $never_set {{ default ''; }}
client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
{documented}
}}
"""
SQUID_AROUND = """
http_port 127.0.0.1:{port}
pid_filename {folder}/pid
cache_log {folder}/cache.log
access_log none
cache deny all
coredump_dir {folder}
hosts_file {folder}/hosts
visible_hostname proxy.test
pinger_enable off
shutdown_lifetime 1 second
{documented}
http_access allow all
"""


def binary(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.fail(f"{name} is not installed: apt-get install {name}")
    return found


def documented(about: str) -> str:
    """The one block of docs/gate.md that speaks of something."""
    blocks = re.findall(r"^```\w*\n(.*?)^```$", (ROOT / "docs" / "gate.md").read_text(), re.MULTILINE | re.DOTALL)
    (block,) = (each for each in blocks if about in each)
    return str(block)


def with_its(text: str, **given: str) -> str:
    """Replace what is a site's own; each has to be there."""
    for old, new in given.values():
        assert old in text, old
        text = text.replace(old, new)
    return text


def ask(target: str, method: str = "GET", body: bytes = b"", *fields: str, version: str = "1.1") -> bytes:
    lines = [f"{method} {target} HTTP/{version}", *fields, f"Content-Length: {len(body)}", "Connection: close"]
    if not any(each.lower().startswith("host:") for each in fields):
        lines.insert(1, "Host: odd.example")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


async def say(port: int, raw: bytes, seconds: float = 60) -> bytes:
    """Everything that comes back; nothing where the connection is closed without an answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(raw)
        return await asyncio.wait_for(reader.read(), seconds)
    except ConnectionError:
        return b""
    finally:
        writer.close()


def statuses(answer: bytes) -> list[int]:
    return [int(each) for each in re.findall(rb"HTTP/1\.[01] (\d{3})", answer)]


def _read(log: Path) -> str:
    return log.read_text() if log.exists() else ""


@asynccontextmanager
async def running(port: int, log: Path, *words: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(*words)
    try:
        await until(lambda: process.returncode is not None or _listens(port), 90)
        assert process.returncode is None, _read(log)
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await asyncio.wait_for(process.wait(), 60)


@asynccontextmanager
async def nginx(
    folder: Path, gate: int, upstream: Upstream, host: str, *, token: str = "", named: str = "$holdwatch_host"
) -> AsyncIterator[int]:
    """Serve the page's configuration for one host, which the check names by a variable; yields nginx's port."""
    port = free_port()
    block = with_its(
        documented("auth_request /_holdwatch"),
        gate=("127.0.0.1:8425", f"127.0.0.1:{gate}"),
        listen=("listen 127.0.0.1:8080", f"listen 127.0.0.1:{port}"),
        server=("server upstream.example.gov:443", f"server 127.0.0.1:{upstream.port}"),
        scheme=("proxy_pass https://", "proxy_pass http://"),
        host=("upstream.example.gov", host),
        named=("X-Original-Host $holdwatch_host;", f"X-Original-Host {named};"),
        token=(
            '# proxy_set_header Holdwatch-Token "...";',
            f"proxy_set_header Holdwatch-Token {token};" if token else "",
        ),
    )
    async with running(port, folder / "error.log", *_nginx_in(folder, block)):
        yield port


def _nginx_in(folder: Path, block: str) -> list[str]:
    folder.mkdir(exist_ok=True)
    user = "user root;" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(NGINX_AROUND.format(folder=folder, user=user, documented=block))
    return [binary("nginx"), "-e", f"{folder}/error.log", "-p", str(folder), "-c", f"{folder}/nginx.conf"]


HOSTILE = [
    (ask("/x", "POST", FILE), [403], "a body"),
    (ask("/", "GET"), [403], "fields that nobody saw"),
    (ask("/", version="1.0"), [403], "HTTP/1.0"),
    (b"GET /\r\n", [], "HTTP/0.9: an answer without a status"),
    (ask("/", "GET", b"", f"Host: {COURT}"), [403], "another Host"),
    (ask("/", "GET", b"", "Host: 127.0.0.1:8425"), [403], "the gate's own Host"),
    (ask(f"http://{COURT}/x"), [403], "an absolute target of another host"),
    (ask("/", "GET", b"", "X-Original-URI: /y", f"X-Original-Host: {COURT}"), [403], "the check's fields, forged"),
    (ask("/", "GET", b"", "X_Original_Host: court.example", "X_Original_URI: /y"), [403], "with underscores"),
    (ask("/_holdwatch"), [404], "the check's own location"),
    (ask("/x/%2e%2e/_holdwatch"), [404], "the same, in a roundabout way"),
    (ask("/" + "a" * 7_000), [403], "a long URL"),
    (ask("/" + "a" * 40_000), [414], "a longer one"),
    (ask("/caf\xe9"), [403], "bytes that are no URL"),
    (ask("/", "M-SEARCH"), [403], "a method that nobody knows"),
    (ask(f"{ICE}:443", "CONNECT"), [400], "a tunnel"),
    (ask("/", "GET", b"", "Upgrade: websocket"), [403], "another protocol"),
    (ask("/1").replace(b"close", b"keep-alive") + ask("/2"), [403, 403], "pipelined"),
    (
        ask("/", "POST", b"0\r\n\r\n" + ask("/smuggled"), "Transfer-Encoding: chunked"),
        [400],
        "a length and an encoding",
    ),
    (
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + ask("/smuggled"),
        [403, 403],
        "a request behind the last chunk",
    ),
]
"""To an immigration authority through nginx: what is sent, what is answered, and because of what it is here."""


async def test_nothing_reaches_an_authority_when_nginx_asks(tmp_path):
    async with Upstream().serving() as there, site(settings(tmp_path)) as gate:
        async with nginx(tmp_path / "nginx", gate.listener.port, there, ICE) as port:
            for raw, expected, because in HOSTILE:
                assert statuses(await say(port, raw)) == expected, because
                assert there.requests == [], because
        assert set(gate.kinds()) == {("message.checked", "block")}


async def test_request_passes_byte_for_byte_when_nginx_asks_about_somebody_else(tmp_path):
    async with Upstream().serving() as there, site(settings(tmp_path)) as gate:
        async with nginx(tmp_path / "nginx", gate.listener.port, there, COURT) as port:
            target = "/file//x/../y?a=b%20c&d=%2540"
            assert statuses(await say(port, ask(target, "POST", FILE, "X-Case: 7", "X_Case: 8"))) == [200]
            (raw,) = there.requests
            head, _, body = raw.partition(b"\r\n\r\n")
            assert head.startswith(f"POST {target} HTTP/1.0\r\nHost: {COURT}\r\n".encode())
            assert (b"X-Case: 7" in head, b"X_Case" in head, body == FILE) == (True, False, True)
            sent_on = ask("/send?to=agent%40ice.dhs.gov")
            assert statuses(await say(port, sent_on)) == [403]
            assert statuses(await say(port, ask("/1").replace(b"close", b"keep-alive") + ask("/2"))) == [200, 200]
            assert len(there.requests) == 3
        assert gate.kinds().count(("message.checked", "permit")) == 3


async def test_nothing_passes_nginx_when_its_token_is_missing_or_wrong(tmp_path):
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    file.chmod(0o600)
    given = settings(tmp_path, {"clients": [{"name": "nginx", "token_file": file}]})
    async with Upstream().serving() as there, site(given) as gate:
        for token, expected in (("", 401), ("open", 401), (TOKEN, 200)):
            async with nginx(tmp_path / "nginx", gate.listener.port, there, COURT, token=token) as port:
                forged = ask("/", "GET", b"", f"Holdwatch-Token: {TOKEN}")
                assert statuses(await say(port, forged)) == [expected], token
        assert len(there.requests) == 1


async def test_nothing_passes_nginx_when_the_gate_is_down_slow_or_cannot_record(tmp_path):
    async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with Upstream().serving() as there:
        async with nginx(tmp_path / "nginx", free_port(), there, COURT) as port:
            assert statuses(await say(port, ask("/"))) == [500]
        slow = await asyncio.start_server(_silent, "127.0.0.1", 0)
        async with ending(slow) as silent, nginx(tmp_path / "nginx", silent, there, COURT) as port:
            assert statuses(await say(port, ask("/"))) == [500]
        async with (
            site(settings(tmp_path)) as gate,
            nginx(tmp_path / "nginx", gate.listener.port, there, COURT) as port,
        ):
            _break(tmp_path / "state")
            assert statuses(await say(port, ask("/"))) == [500]
        assert there.requests == []


@pytest.mark.parametrize("named", ["$proxy_host", "$never_set"])
async def test_nothing_passes_nginx_when_it_names_the_gate_as_host_or_nobody(tmp_path, named):
    """The first as the page had it once: in the location that asks, nginx's $proxy_host is the gate."""
    async with (
        Upstream().serving() as there,
        site(settings(tmp_path)) as gate,
        nginx(tmp_path / "nginx", gate.listener.port, there, ICE, named=named) as port,
    ):
        assert statuses(await say(port, ask("/x", "POST", FILE))) == [403]
        assert there.requests == []


def _break(state: Path) -> None:
    with closing(sqlite3.connect(state / "holdwatch.sqlite")) as other, other:
        other.execute("CREATE TRIGGER full BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'disk full'); END")


def checks(state: Path) -> int:
    with closing(sqlite3.connect(state / "holdwatch.sqlite")) as other:
        return sum(b"message.checked" in bytes(body) for (body,) in other.execute("SELECT body FROM entries"))


@contextmanager
def squids_folder():
    """A folder that Squid's own user can write to: started as root, it and its helper become ``proxy``."""
    with tempfile.TemporaryDirectory(prefix="holdwatch-squid-") as name:
        yield Path(name)


def given_to_squid(folder: Path) -> None:
    if os.getuid() == 0:
        for each in (folder, *folder.rglob("*")):
            shutil.chown(each, "proxy", "proxy")


async def installed(folder: Path) -> Path:
    """Settings of an installation that the gate has run in once: the helper makes no database."""
    file, port = written(folder, "http://127.0.0.1:1")
    (folder / "roster.csv").write_text("family_name,given_name,birth_date,booking\nQuillfeather,Juan,1990-02-03,B-1\n")
    async with program(file, port):
        pass
    return file


@asynccontextmanager
async def squid(folder: Path, settings_file: Path) -> AsyncIterator[int]:
    port = free_port()
    block = with_its(
        documented("external_acl_type"),
        program=("/usr/bin/sudo -n -u holdwatch /opt/holdwatch/bin/holdwatch", str(HOLDWATCH)),
        settings=("/etc/holdwatch/holdwatch.toml", str(settings_file)),
    )
    (folder / "hosts").write_text(f"127.0.0.1 {ICE} {COURT} relay.example\n")
    (folder / "squid.conf").write_text(SQUID_AROUND.format(folder=folder, port=port, documented=block))
    given_to_squid(folder)
    words = (binary("squid"), "-N", "-f", f"{folder}/squid.conf")
    async with running(port, folder / "cache.log", *(NOT_AS_ROOT if os.getuid() == 0 else ()), *words):
        yield port


NEVER_RECORDED = {"Squid's own pages"}
"""The gate refuses them, as they name no host."""


def to_an_authority(port: int) -> list[tuple[bytes, list[int], str]]:
    ice, court = f"{ICE}:{port}", f"{COURT}:{port}"
    return [
        (ask(f"http://{ice}/x", "POST", FILE), [403], "a body"),
        (ask(f"http://{ice}/"), [403], "fields that nobody saw"),
        (ask(f"http://{ice}/", version="1.0"), [403], "HTTP/1.0"),
        (ask(f"HTTP://ICE.DHS.GOV.:{port}/"), [403], "another writing"),
        (ask(f"http://{ice}/", "GET", b"", f"Host: {court}"), [403], "another Host"),
        (ask(f"http://{court}@{ice}/"), [403], "a user that looks like a host"),
        (ask(f"http://{COURT}\\@{ice}/"), [403], "and with a backslash"),
        (ask(f"http://ice%2edhs%2egov:{port}/"), [403], "percent signs in the host"),
        (ask(f"http://{court}/x?to=agent%40ice.dhs.gov"), [403], "sent on, by the query"),
        (ask(f"http://{court}/x#to=agent@ice.dhs.gov"), [403], "sent on, by what Squid does not take for a fragment"),
        (ask(ice, "CONNECT"), [403], "a tunnel"),
        (ask(f"ftp://{ice}/x"), [403], "another protocol"),
        (ask("/x", "GET", b"", f"Host: {ice}"), [400], "no URL"),
        (ask("cache_object://localhost/info"), [403], "Squid's own pages"),
        (ask(f"http://{ice}/" + "a" * 7_000), [403], "a long URL"),
        (ask(f"http://{ice}/" + "a" * 40_000), [400], "a longer one"),
        (ask(f"http://{ice}/", "7"), [403], "a method that looks like a channel's number"),
        (
            f"POST http://{ice}/ HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
            f"0\r\n\r\nGET http://{ice}/smuggled HTTP/1.1\r\nConnection: close\r\n\r\n".encode(),
            [403],
            "a length and an encoding",
        ),
    ]


async def test_nothing_reaches_an_authority_when_squid_asks():
    with squids_folder() as folder:
        file = await installed(folder)
        async with Upstream().serving() as there, squid(folder, file) as port:
            for raw, expected, because in to_an_authority(there.port):
                before = checks(folder / "state")
                assert statuses(await say(port, raw))[:1] == expected, because
                assert there.requests == [], because
                asked = expected == [403] and because not in NEVER_RECORDED
                assert (checks(folder / "state") > before) == asked, because
            pipelined = ask(f"http://{COURT}:{there.port}/1").replace(b"close", b"keep-alive")
            assert statuses(await say(port, pipelined + ask(f"http://{ICE}:{there.port}/2"))) == [200, 403]
            assert len(there.requests) == 1


async def test_every_request_is_asked_about_and_passes_when_many_come_at_once_through_squid():
    with squids_folder() as folder:
        file = await installed(folder)
        async with Upstream().serving() as there, squid(folder, file) as port:
            court = f"http://{COURT}:{there.port}"
            before = checks(folder / "state")
            target = "/file//y?a=b%20c&d=%2540"
            assert statuses(await say(port, ask(f"{court}{target}", "POST", FILE, "X-Case: 7"))) == [200]
            head, _, body = there.requests[0].partition(b"\r\n\r\n")
            assert head.startswith(f"POST {target} HTTP/1.1\r\nX-Case: 7\r\n".encode())
            assert body == FILE
            for targets in ([f"/{number}" for number in range(40)], ["/same"] * 40):
                got = await asyncio.gather(*(say(port, ask(f"{court}{each}")) for each in targets))
                assert [statuses(each) for each in got] == [[200]] * 40
            async with asyncio.timeout(60):
                tunnel = await asyncio.open_connection("127.0.0.1", port)
                tunnel[1].write(f"CONNECT {COURT}:{there.port} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                assert b" 200 " in await tunnel[0].readuntil(b"\r\n\r\n")
                tunnel[1].close()
            assert len(there.requests) == 81
            assert checks(folder / "state") - before == 82


async def test_nothing_passes_squid_when_the_gate_cannot_record_or_begin():
    with squids_folder() as folder:
        file = await installed(folder)
        async with Upstream().serving() as there:
            async with squid(folder, file) as port:
                url = f"http://{COURT}:{there.port}/"
                with closing(sqlite3.connect(folder / "state" / "holdwatch.sqlite")) as other:
                    other.execute("BEGIN EXCLUSIVE")
                    asking = asyncio.create_task(say(port, ask(url), 120))
                    await asyncio.wait([asking], timeout=3)
                    assert there.requests == []
                    other.rollback()
                assert statuses(await asking) in ([200], [403])
                passed = len(there.requests)
                _break(folder / "state")
                assert statuses(await say(port, ask(url))) == [403]
                assert len(there.requests) == passed
            file.unlink()
            async with squid(folder, file) as port:
                log = folder / "cache.log"
                await until(lambda: "helpers are crashing too rapidly" in log.read_text(), 60)
                await until(lambda: not _listens(port))
            assert len(there.requests) == passed
