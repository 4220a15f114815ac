"""Alerting and the gate are watched as the engine is: one that dies, hangs or stops by itself is told of."""

import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from integration.services.heartbeat import BeatError, State, encode
from integration.store.pulse import Pulse, process_started, read_beat
from integration.store.sidepulse import SidePulse
from tests.conftest import COMMAND, environment
from tests.ports import free_port
from tests.watch.sink import until
from tests.watch.watching import SHORT, Watched, watched

ALERTS = """
[alerts]
beside_engine = {beside}
receivers = [{{ channel = "command", name = "chief", argv = ["/bin/true"] }}]
[[alerts.routes]]
name = "all"
steps = [{{ receivers = ["chief"] }}]
"""
GATE = """
[gate]
source = "/jms/a"
notices_from = "gate@jail.example"
[gate.smtp]
port = {port}
[gate.upstream]
host = "127.0.0.1"
port = 9
"""
BESIDE = SHORT + "beside_silent_after_seconds = 8\nengine = {engine}\n"
COMMANDS = {"alerting": ("alerts", "run"), "gate": ("gate", "run")}


@contextmanager
def running(site: Watched, process: str) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """A process beside the engine. The list has the one that runs now, last."""
    found: list[subprocess.Popen[bytes]] = []
    try:
        begin(site, process, found)
        yield found
    finally:
        for each in found:
            if each.poll() is None:
                each.send_signal(signal.SIGCONT)
                each.kill()
            each.wait()


def begin(site: Watched, process: str, found: list["subprocess.Popen[bytes]"]) -> None:
    command = [*COMMAND, *COMMANDS[process], "--settings", str(site.settings)]
    with site.told.open("ab") as told:
        found.append(subprocess.Popen(command, stdout=told, stderr=told, env=environment()))
    until(lambda: beats(site, process, found[-1].pid))


def beats(site: Watched, process: str, pid: int) -> bool:
    try:
        beat = read_beat(beat_of(site, process))
    except (FileNotFoundError, BeatError):
        return False  # it is just being written for the first time
    return beat.pid == pid and beat.state is State.RUNNING


def beat_of(site: Watched, process: str) -> Path:
    return site.root / "state" / f"heartbeat.{process}"


def tables(process: str) -> str:
    return ALERTS.format(beside="false") if process == "alerting" else GATE.format(port=free_port())


@pytest.mark.parametrize(("process", "number"), [("alerting", signal.SIGKILL), ("gate", signal.SIGSTOP)])
def test_it_tells_and_tells_the_end_when_alerting_or_the_gate_is_gone_or_held(tmp_path, process, number):
    with (
        watched(tmp_path, tables(process), limits=BESIDE.format(engine="false")) as (site, sink),
        running(site, process) as found,
    ):
        site.watch()
        until(site.state_file.exists)
        found[-1].send_signal(number)
        trouble = f"{process}_gone" if number == signal.SIGKILL else f"{process}_silent"
        until(lambda: sink.first("new", trouble))
        if number == signal.SIGSTOP:
            found[-1].send_signal(signal.SIGCONT)
        else:
            found[-1].wait()
            begin(site, process, found)
        until(lambda: "over" in sink.story(trouble))
        # On a busy machine one that is being started may count as silent on the way: of this process, and of no other.
        assert {each for _, each, _ in sink.lines()} <= {trouble, f"{process}_silent"}
        assert site.end_watch() == 0


def test_the_engine_fails_loudly_when_alerting_beside_it_does(tmp_path):
    """Its tables are gone: not a fault that may pass, so alerting ends, and the engine with it."""
    with watched(tmp_path, ALERTS.format(beside="true"), limits=BESIDE.format(engine="true")) as (site, sink):
        process = site.start()
        beat = beat_of(site, "alerting")
        until(lambda: beats(site, "alerting", process.pid))
        site.watch()
        until(site.state_file.exists)
        connection = sqlite3.connect(site.root / "state" / "holdwatch.sqlite", timeout=30)
        connection.execute("DROP TABLE alerting")
        connection.close()
        assert process.wait(timeout=60) == 3
        assert b'"alerts.ended"' in site.told.read_bytes()
        assert read_beat(beat).state is State.FAILED
        got = until(lambda: sink.first("new", "engine_failed"))
        (alert,) = [each for each in got.alerts if each["trouble"] == "engine_failed"]
        assert alert["detail"]["reason"] == "store"
        assert "alerting_failed" not in {trouble for _, trouble, _ in sink.lines()}  # one trouble, one alarm


@pytest.mark.by_hand
def test_alerting_that_waits_for_its_database_is_told_of_and_goes_on_by_itself(tmp_path):
    with (
        watched(tmp_path, tables("alerting"), limits=BESIDE.format(engine="false")) as (site, sink),
        running(site, "alerting") as found,
    ):
        site.watch()
        until(site.state_file.exists)
        found[-1].send_signal(signal.SIGSTOP)
        connection = sqlite3.connect(site.root / "state" / "holdwatch.sqlite", timeout=30, isolation_level=None)
        # Something that it has to write, and cannot: somebody's answer.
        connection.execute("INSERT INTO acks (alert_id, by, at, covers, applied) VALUES ('a1', 'x', 1, '[]', 0)")
        connection.execute("UPDATE alerting SET signal = signal + 1")
        connection.execute("BEGIN IMMEDIATE")
        found[-1].send_signal(signal.SIGCONT)
        silent = until(lambda: sink.first("new", "alerting_silent"))
        (alert,) = silent.alerts
        until(lambda: b"alerts.store_unavailable" in site.told.read_bytes())
        connection.execute("ROLLBACK")
        connection.close()
        until(lambda: "over" in sink.story("alerting_silent"))
        assert alert["about"] == ""
        assert found[-1].poll() is None


def test_one_that_stands_by_leaves_the_heartbeat_to_the_one_that_works(tmp_path):
    path = tmp_path / "heartbeat.alerting"
    works = subprocess.Popen(["/bin/sleep", "60"])
    try:
        Pulse(path).loop(0, 0)
        mine = SidePulse(path)
        mine.beat()
        before = read_beat(path).number
        other = _as_if_by(path, works.pid)
        mine.stand_by()
        assert path.read_bytes() == other  # because a hung one that has the work must not look alive
    finally:
        works.kill()
        works.wait()

    def taken_over() -> bool:
        mine.stand_by()
        return read_beat(path).pid == os.getpid() and read_beat(path).number > before

    until(taken_over)


def _as_if_by(path: Path, pid: int) -> bytes:
    content = encode(replace(read_beat(path), pid=pid, process_started=process_started(pid) or 0))
    path.write_bytes(content)
    return content


def test_it_is_silent_while_the_database_is_away_and_says_why(tmp_path):
    pulse = SidePulse(tmp_path / "heartbeat.gate")
    pulse.unavailable()  # nothing was begun
    pulse.beat()
    pulse.unavailable()
    waiting = read_beat(tmp_path / "heartbeat.gate")
    assert waiting.unavailable_since is not None
    pulse.unavailable()
    assert read_beat(tmp_path / "heartbeat.gate") == waiting
    pulse.beat()
    assert read_beat(tmp_path / "heartbeat.gate").unavailable_since is None
    pulse.stop()
    assert read_beat(tmp_path / "heartbeat.gate").state is State.STOPPED


@pytest.mark.by_hand
@pytest.mark.timeout(600)
@pytest.mark.parametrize("process", ["alerting", "gate"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_it_is_told_within_two_minutes_with_the_limits_that_ship(tmp_path, process, number):
    with (
        watched(tmp_path, tables(process), limits="[watch]\nengine = false\n") as (site, sink),
        running(site, process) as found,
    ):
        site.watch()
        until(site.state_file.exists)
        began = time.monotonic()
        found[-1].send_signal(number)
        until(lambda: sink.got, 180)
        took = sink.got[0].at - began
        print(f"{process} {signal.Signals(number).name}: told after {took:.1f} s")
        assert took <= 120
