"""Leaving the demo early, in a pipe and in a terminal."""

import os
import pty
import select
import signal
import subprocess
import sys
import time

_COMMAND = (sys.executable, "-c", "from integration.cli import main; main()", "demo", "--seconds", "40")


def read_until(handle: int, words: bytes, *, within: float = 90) -> bytes:
    """Read until the words have come, or the other side is gone."""
    seen, end = b"", time.monotonic() + within
    while words not in seen and time.monotonic() < end:
        if select.select([handle], [], [], 0.1)[0]:
            try:
                part = os.read(handle, 65536)
            except OSError:
                break
            if not part:
                break
            seen += part
    return seen


def test_state_is_kept_and_verifies_when_interrupted_in_a_pipe(tmp_path):
    with subprocess.Popen((*_COMMAND, "--out", str(tmp_path / "kept")), stdout=subprocess.PIPE) as process:
        seen = read_until(process.stdout.fileno(), b"I-247N")
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=90)
    assert b"I-247N" in seen
    assert process.returncode == 0
    assert b"VERIFIED" in rest
    assert b"Left early" in rest


def test_board_rings_and_gives_the_terminal_back_when_interrupted(tmp_path):
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40"}
    command = (*_COMMAND, "--out", str(tmp_path / "kept"))
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        seen = read_until(ours, b"\x07")
        process.send_signal(signal.SIGINT)
        seen += read_until(ours, b"deadletters list")
        assert process.wait(timeout=90) == 0
    os.close(ours)
    assert b"\x07" in seen, "somebody is held: the bell rings"
    assert seen.index(b"\x1b[?1049h") < seen.index(b"\x1b[?1049l"), "the alternate screen is left again"
    assert b"Left early" in seen
