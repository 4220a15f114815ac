"""``holdwatch watch`` beside a real engine: who is told what, once, whatever stops, hangs or is started again."""

import signal
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from tests.conftest import Holdwatch
from tests.watch.sink import Sink, listening, until
from tests.watch.watching import Watched, watched, webhook

CANARY = "Zyxquorn"


def named(booking: str) -> bytes:
    person = {"family_name": CANARY, "given_name": CANARY, "birth_date": "1990-01-02", "person_id": CANARY}
    event = {"specversion": "1.0", "id": f"{booking}-1", "source": "/jms/a", "type": "jail.booking.opened.v1"}
    return orjson.dumps(event | {"subject": booking, "time": "2026-03-02T10:00:00Z", "data": {"person": person}})


def runs(site: Watched) -> None:
    """Start the engine, and wait until it has taken something in."""
    site.put("1.jsonl", [named("B1"), named("B2"), b"no event " + CANARY.encode()])
    site.start()
    site.wait(lambda: site.waiting == 0)


def no_names(site: Watched, sink: Sink) -> None:
    """Nothing that left the engine for the watchdog, or the watchdog for anybody, has a name."""
    files = [site.said, site.root / "state" / "watch.json", site.root / "state" / "heartbeat"]
    said = b"".join([*(file.read_bytes() for file in files), *(got.body for got in sink.got)])
    assert CANARY.encode() not in said
    assert b"1990-01-02" not in said
    assert b"B1" not in said


@pytest.mark.parametrize(
    ("number", "trouble"),
    [
        (signal.SIGKILL, "engine_gone"),
        (signal.SIGSTOP, "engine_silent"),
        (signal.SIGTERM, "engine_stopped"),
    ],
)
def test_it_tells_and_tells_the_end_when_the_engine_is_gone_and_comes_back(tmp_path, number, trouble):
    with watched(tmp_path) as (site, sink):
        runs(site)
        site.watch()
        until(site.state_file.exists)  # it has looked
        assert site.process is not None
        site.process.send_signal(number)
        got = until(lambda: sink.first("new", trouble))
        (alert,) = [each for each in got.alerts if each["trouble"] == trouble]
        process = {signal.SIGKILL: {"gone", "Z"}, signal.SIGSTOP: {"T"}, signal.SIGTERM: {"gone", "Z"}}[number]
        assert alert["detail"]["process"] in process
        if number == signal.SIGSTOP:
            site.process.send_signal(signal.SIGCONT)
        else:
            site.process.wait()
            site.start()
        until(lambda: "over" in sink.story(trouble))
        assert site.end_watch() == 0
        assert sink.story(trouble) == ["new", "over"]
        assert {stage for stage, _, _ in sink.lines()} <= {"new", "changed", "over"}
        no_names(site, sink)


def test_nothing_is_told_twice_or_forgotten_when_the_watchdog_is_started_again(tmp_path):
    with watched(tmp_path) as (site, sink):
        site.watch()
        until(lambda: sink.first("new", "engine_absent"))
        until(lambda: site.state()["book"]["lines"].get("webhook", {}).get("heard"))
        assert site.end_watch(signal.SIGKILL) == -signal.SIGKILL
        # What ended while nobody looked is told, and what goes on is not told anew.
        site.watch()
        until(lambda: len(site.says("watch.alert")) > 1)
        runs(site)
        until(lambda: "over" in sink.story("engine_absent"))
        assert site.end_watch() == 0
        assert sink.story("engine_absent") == ["new", "over"]


def test_it_says_why_when_the_engine_stopped_by_itself(tmp_path):
    with watched(tmp_path) as (site, sink):
        runs(site)
        assert site.stop() == 0
        for file in (site.root / "state").glob("holdwatch.sqlite*"):
            file.unlink()
        site.watch()
        assert site.start().wait(timeout=60) == 3
        got = until(lambda: sink.first("new", "engine_failed") or sink.first("changed", "engine_failed"))
        assert got.alerts[0]["detail"]["reason"] == "rolled_back"


def test_it_tells_although_the_database_is_locked(tmp_path):
    with watched(tmp_path) as (site, sink):
        runs(site)
        site.watch()
        database = sqlite3.connect(site.root / "state" / "holdwatch.sqlite", isolation_level=None)
        try:
            database.execute("BEGIN EXCLUSIVE")
            site.put("2.jsonl", [named("B3")])
            # The engine waits for the lock inside a call of SQLite's, then says that it waits: either is told.
            until(lambda: {"engine_silent", "log_unwritable"} & {trouble for _, trouble, _ in sink.lines()})
            until(lambda: sink.first("new", "log_unwritable"))
        finally:
            database.close()
        until(lambda: sink.first("over", "log_unwritable"))


def test_it_tells_of_a_silent_source_until_it_speaks(tmp_path):
    with watched(tmp_path) as (site, sink):
        text = site.settings.read_text()
        site.settings.write_text(text.replace('source = "/jms/b"', 'source = "/jms/b"\nsilent_after_minutes = 0.02'))
        runs(site)
        site.watch()
        got = until(lambda: sink.first("new", "source_silent"))
        (alert,) = got.alerts
        assert (alert["about"], alert["detail"]["limit_minutes"]) == ("/jms/b", 0.0)


def test_the_others_are_told_when_a_channel_is_dead(tmp_path):
    with listening() as dead, watched(tmp_path, webhook(dead, tmp_path, "second")) as (site, sink):
        dead.answer = lambda _: (410, {}, b"")
        site.watch()
        until(lambda: sink.first("new", "channel_failing"))
        assert ("new", "channel_failing", "second") in sink.lines()
        assert ("new", "engine_absent", "") in sink.lines()
        assert site.says("watch.channel_failing")[0]["why"] == "refused (410)"
        assert not site.says("watch.channels_failing")


def test_the_last_resort_and_standard_error_and_state_say_so_when_two_channels_fail(tmp_path):
    told = tmp_path / "told"
    command = f'[watch.command]\nargv = ["/bin/sh", "-c", "cat >> {told}"]\n'
    with listening() as dead, watched(tmp_path, webhook(dead, tmp_path, "second"), command) as (site, sink):
        sink.answer = dead.answer = lambda _: (404, {}, b"")
        site.watch()
        until(lambda: told.exists() and "no heartbeat of the engine" in told.read_text())
        (line, *_) = until(lambda: site.says("watch.channels_failing"))
        assert line["channels"] == ["second", "webhook"]

        def both_kept() -> bool:
            lines = site.state()["book"]["lines"]
            return all(lines.get(name, {}).get("why") == "refused (404)" for name in ("webhook", "second"))

        until(both_kept)
        assert site.end_watch() == 0


def test_nobody_is_pinged_unless_all_is_well(tmp_path):
    with listening() as switch:
        ping = f'[watch.ping]\nurl = "{switch.url}/secret-{CANARY}"\nevery_seconds = 0.2\n'
        with watched(tmp_path, ping) as (site, sink):
            site.watch()
            until(lambda: sink.first("new", "engine_absent"))
            assert switch.got == []
            runs(site)
            until(lambda: len(switch.got) > 2)
            assert {(got.method, got.path) for got in switch.got} == {("GET", f"/secret-{CANARY}")}
            assert sink.story("engine_absent") == ["new", "over"]
            site.kill()
            until(lambda: sink.first("new", "engine_gone"))
            before = len(switch.got)
            until(lambda: len(site.says("watch.told")) > 2)
            assert site.end_watch() == 0
            assert len(switch.got) <= before + 1
            assert CANARY not in site.said.read_text()


def test_a_worker_is_told_of_when_it_is_not_ready(tmp_path):
    with listening() as worker:
        check = f'[[watch.checks]]\nname = "worker-1"\nurl = "{worker.url}/readyz"\n'
        with watched(tmp_path, check) as (site, sink):
            site.settings.write_text(site.settings.read_text().replace("[watch]\n", "[watch]\nengine = false\n"))
            worker.answer = lambda _: (503, {}, b"")
            # The worker answers before the watchdog looks for the first time, however busy the machine is.
            assert httpx.get(f"{worker.url}/readyz").status_code == 503
            site.watch()
            got = until(lambda: sink.first("new", "check_failing"))
            assert got.alerts[0]["detail"] == {"says": "status 503, not 200"}
            worker.answer = lambda _: (200, {}, b"")
            until(lambda: sink.first("over", "check_failing"))
            assert sink.lines() == [("new", "check_failing", "worker-1"), ("over", "check_failing", "worker-1")]


def test_it_goes_on_when_its_own_memory_cannot_be_written(tmp_path):
    with watched(tmp_path) as (site, sink):
        text = site.settings.read_text().replace("[watch]\n", '[watch]\nstate_file = "/proc/nowhere/watch.json"\n')
        site.settings.write_text(text)
        site.watch()
        until(lambda: sink.first("new", "engine_absent"))
        assert site.says("watch.memory_unavailable")
        until(lambda: site.says("watch.memory_unwritable"))
        assert site.end_watch() == 0


def test_it_tells_of_a_state_folder_that_is_gone(tmp_path):
    with watched(tmp_path) as (site, sink):
        text = site.settings.read_text().replace("[watch]\n", f'[watch]\nstate_file = "{tmp_path}/watch.json"\n')
        site.settings.write_text(text)
        site.watch()
        until(lambda: sink.first("new", "disk_missing"))


def written(path: Path, *tables: str) -> Path:
    made = Watched(path / "site", *tables)
    return made.settings


@pytest.mark.parametrize(
    ("tables", "status", "says"),
    [
        ([], 2, "nobody would be told"),
        (["[[watch.webhooks]]\nurl = 'http://example.org'\nsecret_file = 'x'\n"], 2, "https:// URL is needed"),
        (["[[watch.webhooks]]\nurl = 'https://example.org'\nsecret_file = '/none'\n"], 2, "/none"),
        (["[watch.command]\nargv = []\n"], 2, "watch.command.argv"),
        (
            ["[watch.command]\nargv = ['x']\nname = 'n'\n", "[[watch.webhooks]]\nname = 'n'\n"],
            2,
            "watch.webhooks.0.url",
        ),
        (["[watch.zyxquorn]\n"], 2, "watch.zyxquorn"),
        (["[watch.command]\nargv = ['x']\n[log]\n"], 2, "is not TOML"),
    ],
)
def test_it_does_not_start_when_the_settings_are_wrong(tmp_path, holdwatch: Holdwatch, tables, status, says):
    ran = holdwatch("watch", "--settings", written(tmp_path, *tables))
    assert (ran.returncode, ran.stdout) == (status, b"")
    assert says in ran.stderr.decode()


def test_a_second_watchdog_does_not_start_when_one_runs(tmp_path, holdwatch: Holdwatch):
    with watched(tmp_path) as (site, sink):
        site.watch()
        until(lambda: sink.first("new", "engine_absent"))
        ran = holdwatch("watch", "--settings", site.settings)
        assert (ran.returncode, b"another holdwatch watch" in ran.stderr) == (2, True)


@pytest.mark.parametrize("well", [True, False])
def test_every_channel_is_tried_when_a_test_is_asked_for(tmp_path, holdwatch: Holdwatch, well):
    command = f'[watch.command]\nargv = ["/bin/sh", "-c", "cat > {tmp_path}/told"]\n'
    with watched(tmp_path, command) as (site, sink):
        sink.answer = lambda _: (204 if well else 403, {}, b"")
        ran: subprocess.CompletedProcess[bytes] = holdwatch("watch", "--test", "--settings", site.settings)
        (got,) = sink.got
        said: dict[str, Any] = orjson.loads(got.body)
        assert (ran.returncode, said["data"]["exercise"]) == (0 if well else 1, True)
        assert ran.stdout.decode().splitlines() == (["webhook: taken"] if well else []) + ["command: taken"]
        assert (b"webhook: refused (403)" in ran.stderr) is not well
        assert "Nothing is wrong" in (tmp_path / "told").read_text()
