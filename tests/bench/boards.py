"""How soon open boards show what was found: ``python -m tests.bench.boards --pages 200``.

The console runs in a process of its own; this one opens the pages, lets an event be taken in that resolves a finding,
and waits until every page has been told.
"""

import argparse
import asyncio
import os
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import httpx
import orjson
import pyotp

from integration.bootstrap import open_desk, open_installation
from integration.services.intake import Input, Intake
from tests.conftest import COMMAND, environment
from tests.console.site import PASSWORD, TOKEN, event, fill


async def measure(url: str, secret: str, settings, pages: int, rounds: int) -> None:
    async with httpx.AsyncClient(base_url=url, timeout=60, limits=httpx.Limits(max_connections=None)) as client:
        page = await client.get("/login")
        form = {
            "name": "supervisor",
            "password": PASSWORD,
            "code": pyotp.TOTP(secret).now(),
            "agreed": "yes",
            "to": "/",
        }
        answer = await client.post("/login", data={**form, "csrf": TOKEN.search(page.text)[1]})
        assert answer.status_code == 303, answer.text
        told = [asyncio.Queue() for _ in range(pages)]

        async def listen(number: int) -> None:
            async with client.stream("GET", "/board/events") as stream:
                async for line in stream.aiter_lines():
                    if line == "event: board":
                        told[number].put_nowait(time.perf_counter())

        listening = [asyncio.create_task(listen(number)) for number in range(pages)]
        for each in told:
            await asyncio.wait_for(each.get(), 60)
        installation = open_installation(settings)
        desk = open_desk(installation.store, installation.pack_for, place="test-jail", earlier=installation.packs)
        intake = Intake(desk)
        for number in range(rounds):
            await asyncio.sleep(2)
            for each in told:
                while not each.empty():
                    each.get_nowait()
            line = orjson.dumps(event(500 + number, "booking.opened", "08:00", {}, f"N-{number}"))
            now = time.time_ns() // 1000
            intake.take([Input(f"/drop/x:{number}", line)], lambda _event, now=now: now, pass_time=lambda _now: None)
            begun = time.perf_counter()
            seen = sorted([await asyncio.wait_for(each.get(), 60) - begun for each in told])
            print(
                f"{pages} pages: first {seen[0]:.2f} s, median {seen[pages // 2]:.2f} s, last {seen[-1]:.2f} s",
                flush=True,
            )
        installation.store.close()
        for task in listening:
            task.cancel()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        filled = fill(root, at=time.time_ns() // 1000)
        url = f"http://127.0.0.1:{port}"
        settings = filled.settings(url=url)
        command = [*COMMAND, "console", "--settings", str(root / "holdwatch.toml")]
        variables = environment() | {"HOLDWATCH_CONSOLE__PORT": str(port)}
        running = subprocess.Popen(command, stdout=subprocess.PIPE, env=variables)
        try:
            assert running.stdout is not None
            running.stdout.readline()
            asyncio.run(measure(url, filled.secrets["supervisor"], settings, given.pages, given.rounds))
        finally:
            os.kill(running.pid, signal.SIGTERM)
            running.wait(30)


if __name__ == "__main__":
    main()
