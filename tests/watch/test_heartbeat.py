"""The engine's heartbeat: whole or not believed, marked around each commit, no reason to stop, nothing personal."""

import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from structlog.testing import capture_logs

from integration.audit.anchor import RolledBackError
from integration.errors import DeadLetterError, FatalError, LogConflictError, UsageError
from integration.policy.pack import PolicyPackError
from integration.runners.living import living
from integration.services.heartbeat import Beat, BeatError, Stage, State, StopReason, decode, encode
from integration.services.ports import Changes, InboxRow
from integration.store import pulse as pulse_module
from integration.store.pulse import MarkedStore, Pulse, process_started, process_state, read_beat
from tests.conftest import ROOT, environment

SOURCES = ["/jms/a", "/jms/b"]
BEAT = Beat(1, 2, 3, State.RUNNING, Stage.COMMITTING, 4, 5, 6, 7, 8, 9, StopReason.STORE, {"/jms/a": 10})


def test_a_heartbeat_is_the_same_when_it_is_written_and_read():
    assert decode(encode(BEAT)) == BEAT


@pytest.mark.parametrize("cut", [0, 1, 8, 20, 60, 200])
def test_a_heartbeat_is_not_believed_when_it_is_half_written(cut):
    old, new = encode(BEAT), encode(replace(BEAT, number=4, at=99, log_size=123_456))
    mixed = new[:cut] + old[cut:]
    if mixed not in (old, new):
        with pytest.raises(BeatError):
            decode(mixed)
    with pytest.raises(BeatError):
        decode(new[:cut])


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 4096, b"zz 1\n{}", b"00000000 -1\n", b"00000000 0\n", b"\xff\xfe", b"1 2 3\nx"]
)
def test_a_file_is_not_believed_when_it_is_no_heartbeat(content):
    with pytest.raises(BeatError):
        decode(content)


def test_a_heartbeat_is_not_believed_when_it_is_of_another_version():
    body = orjson.loads(encode(BEAT).split(b"\n")[1]) | {"version": 2}
    import zlib

    raw = orjson.dumps(body)
    with pytest.raises(BeatError, match="another version"):
        decode(b"%08x %d\n%s" % (zlib.crc32(raw), len(raw), raw))


def test_a_reader_never_sees_half_of_one_while_it_is_written(tmp_path):
    path, stop, seen = tmp_path / "heartbeat", threading.Event(), 0
    pulse = Pulse(path, [f"/jms/{number}" for number in range(200)])

    def write() -> None:
        while not stop.is_set():
            pulse.stage(Stage.SIGNING)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        ends = time.monotonic() + 30  # the writer may get its first turn late
        reads = 0
        while reads < 300 or (seen == 0 and time.monotonic() < ends):
            number = read_beat(path).number
            assert number >= seen
            seen, reads = number, reads + 1
    finally:
        stop.set()
        writer.join()
    assert seen > 0


def test_both_ends_of_a_commit_are_marked(tmp_path):
    path = tmp_path / "heartbeat"
    pulse = Pulse(path, SOURCES, read=iter(range(1_000_000, 99_000_000, 1_000_000)).__next__)
    changes = Changes(inbox=[InboxRow("/jms/a", "e", b"", "B1"), InboxRow("/jms/unknown", "e", b"", "B1")])
    with pulse.committing(changes):
        inside = read_beat(path)
    after = read_beat(path)
    assert (inside.stage, inside.commit_at, after.stage) == (Stage.COMMITTING, None, Stage.LOOPING)
    assert after.commit_at is not None
    assert after.sources == {"/jms/a": after.commit_at, "/jms/b": inside.sources["/jms/b"]}


def test_a_commit_stays_begun_when_it_fails(tmp_path):
    pulse = Pulse(tmp_path / "heartbeat")
    with pytest.raises(FatalError), pulse.committing(Changes()):
        raise FatalError("x")
    assert read_beat(tmp_path / "heartbeat").stage is Stage.COMMITTING


def test_what_is_known_of_sources_is_kept_when_the_engine_starts_again(tmp_path):
    path = tmp_path / "heartbeat"
    with Pulse(path, SOURCES).committing(Changes(inbox=[InboxRow("/jms/a", "e", b"", "B1")])):
        pass
    before = read_beat(path).sources
    again = Pulse(path, ["/jms/a", "/jms/new"], read=lambda: 2 * 10**18)
    again.loop(0, 0)
    assert read_beat(path).sources == {"/jms/a": before["/jms/a"], "/jms/new": 2 * 10**15}


def test_the_loop_beats_no_more_often_than_it_has_to(tmp_path, monkeypatch):
    clock = iter([float(n) / 10 for n in range(1000)])
    monkeypatch.setattr(pulse_module.time, "monotonic", lambda: next(clock))
    path = tmp_path / "heartbeat"
    pulse = Pulse(path)
    numbers = set()
    for size in range(100):
        pulse.loop(size, 0)
        numbers.add(read_beat(path).number)
    assert 10 <= len(numbers) <= 40


def test_the_engine_goes_on_and_says_so_once_when_the_heartbeat_cannot_be_written(tmp_path):
    path = tmp_path / "folder" / "heartbeat"
    with capture_logs() as told:
        pulse = Pulse(path)
        for _ in range(3):
            pulse.stage(Stage.SIGNING)
        path.parent.mkdir()
        pulse.stage(Stage.SIGNING)
    assert [line["event"] for line in told] == ["heartbeat.unwritable", "heartbeat.written_again"]
    assert read_beat(path).number == 4


def test_it_is_written_on_a_full_disk_when_it_was_there_before(tmp_path):
    # because the last word (why it stopped) is said exactly then; a limit on file sizes stands in for the full disk
    script = (
        "import resource, sys; from pathlib import Path; from integration.store.pulse import Pulse;"
        "from integration.services.heartbeat import State, StopReason;"
        "pulse = Pulse(Path(sys.argv[1])); resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096));"
        "pulse.stop(State.FAILED, StopReason.STORE)"
    )
    path = tmp_path / "heartbeat"
    subprocess.run([sys.executable, "-c", script, path], env=environment(), cwd=ROOT, check=True, timeout=60)
    beat = read_beat(path)
    assert (beat.state, beat.reason, path.stat().st_size) == (State.FAILED, StopReason.STORE, 4096)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RolledBackError("x"), StopReason.ROLLED_BACK),
        (LogConflictError("x"), StopReason.LOG_CONFLICT),
        (DeadLetterError("x"), StopReason.DEAD_LETTER),
        (FatalError("x"), StopReason.STORE),
        (PolicyPackError("x", ["y"]), StopReason.POLICY_PACK),
        (UsageError("x"), StopReason.SETTINGS),
        (PermissionError("x"), StopReason.FILE),
        (ZeroDivisionError("x"), StopReason.UNEXPECTED),
    ],
)
def test_the_last_word_is_a_kind_never_a_text_when_it_stops_by_itself(tmp_path, error, reason):
    error.args = ("Zyxquorn",)
    with pytest.raises(type(error)), living(Pulse(tmp_path / "heartbeat")):
        raise error
    beat = read_beat(tmp_path / "heartbeat")
    assert (beat.state, beat.reason) == (State.FAILED, reason)
    assert b"Zyxquorn" not in (tmp_path / "heartbeat").read_bytes()


@pytest.mark.parametrize("how", [SystemExit(0), KeyboardInterrupt(), None])
def test_the_last_word_is_stopped_when_it_was_told_to(tmp_path, how):
    def body() -> None:
        with living(Pulse(tmp_path / "heartbeat")):
            if how is not None:
                raise how

    if how is None:
        body()
    else:
        with pytest.raises(type(how)):
            body()
    assert read_beat(tmp_path / "heartbeat").state is State.STOPPED


def test_a_process_is_known_by_its_start_not_by_its_number():
    pid = os.getpid()
    started = process_started(pid)
    assert started is not None
    assert process_state(pid, started) in {"R", "S", "D"}
    assert process_state(pid, started + 1) is None
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        pass
    assert process_started(child.pid) is None


def test_a_marked_store_marks_its_commits(tmp_path):
    from integration.bootstrap import open_store
    from integration.store.vault import Vault

    path: Path = tmp_path / "heartbeat"
    pulse = Pulse(path)
    store = open_store(
        f"sqlite:///{tmp_path / 'x.sqlite'}",
        Vault.throwaway(),
        make=lambda engine, vault: MarkedStore(pulse, engine, vault),
    )
    try:
        store.commit(Changes())
    finally:
        store.close()
    assert read_beat(path).commit_at is not None
