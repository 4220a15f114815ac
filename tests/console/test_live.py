"""The live board: what is found is on every open page within a second, for as long as the session lasts."""

import asyncio
import time

import httpx
import pytest

from integration.console.live import Live
from integration.console.parts import open_parts
from integration.console.serving import Serving
from integration.domain.instants import MINUTE
from tests.console.site import PASSWORD, QUICK, TOKEN, Clock, fill


async def until(true, seconds=10.0):
    for _ in range(int(seconds / 0.02)):
        if true():
            return
        await asyncio.sleep(0.02)
    pytest.fail("it did not happen")


async def test_open_pages_are_told_when_something_is_written(console):
    live: Live = console.app._app.state.live
    running = asyncio.create_task(live.run())
    pages = [live.watch(None), live.watch(frozenset({"/jms/there"}))]
    first = [await anext(page) for page in pages]
    assert "B-1" in first[0]
    assert "B-1" not in first[1]
    console.clock.at += 5 * MINUTE
    console.parts.pen.record("audit.read", "read", "officer:x", {})
    second = [await asyncio.wait_for(anext(page), 10) for page in pages]
    assert "2 h 35 min" in second[0]
    assert "T-1" in second[1]
    for page in pages:
        await page.aclose()
    assert live._watchers == set()
    running.cancel()


async def test_stream_ends_when_the_session_is_ended(tmp_path):
    filled = fill(tmp_path)
    settings = filled.settings(url="http://127.0.0.1:8420")
    settings = settings.model_copy(update={"console": settings.console.model_copy(update={"port": 0})})
    clock = Clock()
    parts = open_parts(settings, now=clock.now, hasher=QUICK)
    serving = Serving(parts)
    running = asyncio.create_task(serving.run())
    told: list[str] = []
    headers = {"host": "127.0.0.1:8420"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{serving.port}", headers=headers, timeout=20) as client:
        await until(lambda: serving._server.started)
        page = await client.get("/login")
        import pyotp

        code = pyotp.TOTP(filled.secrets["supervisor"]).at(clock.at // 10**6)
        form = {"csrf": TOKEN.search(page.text)[1], "name": "supervisor", "password": PASSWORD, "code": code}
        assert (await client.post("/login", data={**form, "agreed": "yes", "to": "/"})).status_code == 303

        async def listen():
            async with client.stream("GET", "/board/events") as answer:
                assert answer.headers["content-type"].startswith("text/event-stream")
                async for line in answer.aiter_lines():
                    told.append(line)  # noqa: PERF401  it is looked at meanwhile

        listening = asyncio.create_task(listen())
        await until(lambda: any("Held past release time" in line for line in told))
        begun = time.monotonic()
        parts.people.log_out_everywhere("supervisor", by="test")
        await asyncio.wait_for(listening, 20)
        assert "event: over" in told
        assert time.monotonic() - begun < 15
    serving.stop()
    await asyncio.wait_for(running, 20)
    parts.close()
