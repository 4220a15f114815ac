"""The live board: what is found is on every open page within a second, for as long as the session lasts."""

import asyncio

import httpx
import pytest

from integration.console.access import Role
from integration.console.live import Live
from integration.console.parts import open_parts
from integration.console.serving import Serving
from integration.domain.instants import MINUTE
from integration.store.accounts import Grant
from tests.console.site import PASSWORD, QUICK, TOKEN, Clock, Console, fill


async def until(true, seconds=60.0):
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110  it has no event of its own
            await asyncio.sleep(0.02)


async def test_open_pages_are_told_when_something_is_written(console):
    live: Live = console.app._app.state.live
    running = asyncio.create_task(live.run())
    pages = [live.watch(None), live.watch(frozenset({"/jms/there"}))]
    first = [await anext(page) for page in pages]
    assert "B-1" in first[0]
    assert "B-1" not in first[1]
    console.clock.at += 5 * MINUTE
    console.parts.pen.record("audit.read", "read", "officer:x", {})
    for page, awaited in zip(pages, ("2 h 35 min", "T-1"), strict=True):
        told = await asyncio.wait_for(anext(page), 60)
        while awaited not in (told or ""):  # it may have been drawn once before the clock was moved
            told = await asyncio.wait_for(anext(page), 60)
    for page in pages:
        await page.aclose()
    assert live._watchers == set()
    running.cancel()


ENDINGS = {
    "logged out": lambda people: people.log_out_everywhere("supervisor", by="test"),
    # whoever looks on no longer may see what he is looking at
    "moved to the other facility": lambda people: people.set_roles(
        "supervisor", [Grant(Role.SUPERVISOR, "/jms/there")], by="test"
    ),
    "closed": lambda people: people.disable("supervisor", by="test"),
    "without any role": lambda people: people.set_roles("supervisor", [], by="test"),
}


@pytest.mark.parametrize("act", ENDINGS.values(), ids=ENDINGS.keys())
async def test_stream_ends_when_whoever_watches_may_no_longer(tmp_path, act):
    filled = fill(tmp_path)
    settings = filled.settings(url="http://127.0.0.1:8420")
    settings = settings.model_copy(update={"console": settings.console.model_copy(update={"port": 0})})
    clock = Clock()
    parts = open_parts(settings, now=clock.now, hasher=QUICK)
    serving = Serving(parts)
    running = asyncio.create_task(serving.run())
    told: list[str] = []
    headers = {"host": "127.0.0.1:8420"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{serving.port}", headers=headers, timeout=60) as client:
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
        act(parts.people)
        await asyncio.wait_for(listening, 60)
        assert "event: over" in told
        last = told[len(told) - told[::-1].index("event: board") :]
        assert any("Load this page again" in line for line in last), "it does not stand there still, as if it were live"
        assert not [line for line in last if "B-1" in line]
    serving.stop()
    await asyncio.wait_for(running, 60)
    parts.close()


async def test_pages_say_that_they_stand_still_when_the_board_cannot_be_drawn(console, monkeypatch):
    live: Live = console.app._app.state.live
    page = live.watch(None)
    first = await anext(page)
    running = asyncio.create_task(live.run())

    def broken(sees):
        raise OSError(5, "the disk")

    with monkeypatch.context() as patched:
        patched.setattr(live, "draw", broken)
        told = await asyncio.wait_for(anext(page), 60)
    assert "This board stands still since" in told
    assert first in told  # what was known last is still there
    # and goes on by itself
    again = await asyncio.wait_for(anext(page), 60)
    assert "stands still" not in again
    assert not live.behind
    await page.aclose()
    running.cancel()


async def test_board_says_that_it_does_not_know_when_no_engine_writes_a_heartbeat_here(filled, tmp_path):
    console = Console(filled, tmp_path, extra="[watch]\nengine = false\n")
    told = console.app._app.state.live.draw(None)
    await console.close()
    assert "whether an engine runs" in told
    assert "Yes: the engine answers" not in told
    assert "Nobody is sent a notice" in told
