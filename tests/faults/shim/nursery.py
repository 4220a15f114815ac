"""Runs ``holdwatch`` again and again under the preloaded faults, each time in a process of its own.

The imports are made once, and the pack is proved once (`load` remembers what it has proved); every run is a fork of
this process, so that hundreds of them take minutes, not hours.
It reads one JSON request a line (``arguments``, ``environment``, ``told``, ``drop``, ``limit``, ``command``) and
answers with one line (``status``, ``seconds``, ``ended``). A run that reads a drop folder is told to stop (SIGTERM)
when no file waits in it.
"""

import ctypes
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from typer.main import get_command

from integration.cli.app import app, main
from integration.policy.pack import load

PACK = "ma-welcoming-community"
_LOOK = 0.002
"""Seconds between two looks at the drop folder."""
_CAUGHT = 1 << (signal.SIGTERM - 1)


def serve() -> None:
    """Answer requests until the input ends. In the forked run it returns once `main` has."""
    for line in sys.stdin.buffer:
        request = json.loads(line)
        began = time.monotonic()
        pid = os.fork()
        if pid == 0:
            run(request)
            return
        status = watch(pid, request, began)
        answer = {"status": status, "seconds": time.monotonic() - began, "ended": time.monotonic_ns()}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def run(request: dict[str, Any]) -> None:
    """Be the command."""
    null = os.open(os.devnull, os.O_RDONLY)
    told = os.open(request["told"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for target, source in ((0, null), (1, told), (2, told)):
        os.dup2(source, target)
    os.environ.update(request["environment"])
    sys.argv = ["holdwatch", *request["arguments"]]
    ctypes.CDLL(os.environ["LD_PRELOAD"]).faults_arm()
    main()


def watch(pid: int, request: dict[str, Any], began: float) -> int:
    """Wait for a run to end, stopping it once it has read everything; returns its exit status, or minus a signal."""
    stopped = False
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() - began > request["limit"]:
            os.kill(pid, signal.SIGKILL)
        elif not stopped and request["drop"] and listens(pid) and not waiting(Path(request["drop"]), request["last"]):
            os.kill(pid, signal.SIGTERM)
            stopped = True
        time.sleep(_LOOK)


def listens(pid: int) -> bool:
    """Tell whether a run has set up its handler of SIGTERM: before, that signal would simply kill it."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    caught = next((line for line in text.splitlines() if line.startswith("SigCgt:")), "SigCgt: 0")
    return bool(int(caught.split()[1], 16) & _CAUGHT)


def waiting(drop: Path, last: str) -> bool:
    """Tell whether a file is still to be read, or the sign to stop has not come."""
    if last and not Path(last).exists():
        return True
    folders = [folder for folder in (drop, drop / "working") if folder.is_dir()]
    return any(file.is_file() for folder in folders for file in folder.iterdir())


if __name__ == "__main__":
    load(PACK)
    dict(get_command(app).commands)  # each is imported when it is looked up
    serve()
