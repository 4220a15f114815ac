"""The program itself: `holdwatch gate run` with every road, killed in the middle; and the commands beside it."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import orjson

from tests.gateway_http.site import SOURCE, Upstream, reply_of, until
from tests.ports import free_port

HOLDWATCH = Path(sys.executable).with_name("holdwatch")
SETTINGS = """
[site]
name = "gate-test"
state_dir = "{folder}/state"
[log]
origin = "test.example/gate"
[[facilities]]
source = "{source}"
zone = "America/Detroit"
packs = [{{ pack = "lansing-eo-2017-01" }}]
[gate]
notices_from = "gate@county.example"
roster = "{folder}/roster.csv"
roster_look_seconds = 0.1
metrics_port = {metrics}
[gate.smtp]
port = {smtp}
[gate.upstream]
host = "127.0.0.1"
port = {smtp}
[gate.http]
port = {port}
[[gate.http.upstreams]]
name = "ice"
url = "{url}"
agency = "ICE"
paths = ["/status"]
"""
STATUS = b'{"citizenship": "Mexico"}'
NAMED = b'{"note": "Juan Quillfeather: citizen of Mexico. Zebulon Marmaduke. Ana Ortiz."}'


def written(folder: Path, url: str, *, metrics: int = 0) -> tuple[Path, int]:
    port = free_port()
    path = folder / "holdwatch.toml"
    path.write_text(
        SETTINGS.format(folder=folder, source=SOURCE, smtp=0 or free_port(), port=port, url=url, metrics=metrics)
    )
    (folder / "state").mkdir(exist_ok=True)
    return path, port


async def say(port: int, method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nHost: gate.test\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
    head += "Content-Type: application/json\r\n" + "".join(
        f"{name.replace('_', '-')}: {v}\r\n" for name, v in headers.items()
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head.encode() + b"\r\n" + body)
    try:
        return await asyncio.wait_for(reader.read(), 60)
    except ConnectionError:
        return b""
    finally:
        writer.close()


@asynccontextmanager
async def program(settings: Path, port: int):
    with (settings.parent / "gate.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            HOLDWATCH, "gate", "run", "--settings", settings, stdout=log, stderr=log
        )
    try:
        await until(lambda: process.returncode is not None or _listens(port), 90)
        assert process.returncode is None, (settings.parent / "gate.log").read_text()
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(process.wait(), 60)


def _listens(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def states(settings: Path) -> dict[str, int]:
    with sqlite3.connect(settings.parent / "state" / "holdwatch.sqlite") as database:
        return dict(database.execute("SELECT state, count(*) FROM deliveries GROUP BY state").fetchall())


def named(folder: Path) -> None:
    (folder / "new").write_text("family_name,given_name,birth_date,booking\nQuillfeather,Juan,1990-02-03,2026-00417\n")
    (folder / "new").replace(folder / "roster.csv")


async def test_message_is_sent_at_most_once_when_the_program_is_killed_while_it_waits_for_the_answer(tmp_path):
    named(tmp_path)
    async with Upstream(hold=asyncio.Event()).serving() as ice:
        settings, port = written(tmp_path, ice.url)
        async with program(settings, port) as process:
            asking = asyncio.create_task(say(port, "POST", "/forward/ice/status", STATUS))
            await until(lambda: len(ice.requests) == 1)
            process.kill()
            await process.wait()
            assert await asking == b""
        assert states(settings) == {"sending": 1}
        ice.hold.set()
        async with program(settings, port):
            await until(lambda: states(settings) == {"unknown": 1})
            again = reply_of(await say(port, "POST", "/forward/ice/status", STATUS))
            assert again.status == 200  # another message: the first one is not repeated
        assert len(ice.requests) == 2


async def test_authority_gets_nothing_until_there_is_a_roster_and_commands_decide_and_record(tmp_path):
    metrics = free_port()
    async with Upstream().serving() as ice:
        settings, port = written(tmp_path, ice.url, metrics=metrics)
        async with program(settings, port):
            blocked = reply_of(await say(port, "POST", "/forward/ice/status", STATUS))
            assert (blocked.status, blocked.json["reasons"]) == (403, ["unreadable", "no_roster"])
            await until(lambda: _listens(metrics))
            assert (await say(metrics, "GET", "/readyz")).startswith(b"HTTP/1.0 503")
            named(tmp_path)
            await until(lambda: b"holdwatch_gate_roster_people 1.0" in _got(metrics, "/metrics"))
            assert reply_of(await say(port, "POST", "/forward/ice/status", STATUS)).status == 200
            access = tmp_path / "access.json"
            access.write_bytes(orjson.dumps({"access_id": "a-1", "agency": "ICE", "mode": "video"}))
            status, said = await run("gate", "access", access, "--settings", settings, "--json", "--actor", "officer:x")
            assert (status, orjson.loads(said)["decision"]) == (1, "block")
            help_ = tmp_path / "help.json"
            help_.write_bytes(orjson.dumps({"assistance_id": "s", "agency": "State Police", "kind": "translation"}))
            status, said = await run("gate", "assistance", help_, "--settings", settings)
            assert (status, said.split()[0]) == (0, b"permit:")
            asked = b"GET https://court.example/x -\n3 POST https://ice.dhs.gov/in -\nCONNECT ice.gov:443\nnonsense\n"
            status, said = await run("gate", "acl-helper", "--settings", settings, given=asked)
            answers = [line.split(b" message=")[0] for line in said.splitlines()]
            assert (status, answers) == (0, [b"OK", b"3 ERR", b"ERR", b"ERR"])
        said = (tmp_path / "gate.log").read_bytes().lower()
        assert b"quillfeather" not in said
        status, said = await run("audit", "verify", "--settings", settings)
        assert status == 0, said


def _got(port: int, path: str) -> bytes:
    import urllib.request

    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
        return bytes(answer.read())


async def run(*words: object, given: bytes = b"") -> tuple[int, bytes]:
    process = await asyncio.create_subprocess_exec(
        HOLDWATCH, *map(str, words), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, err = await asyncio.wait_for(process.communicate(given), 60)
    assert process.returncode is not None
    return process.returncode, out or err
