"""``holdwatch doctor clock``: without asking a time server, is this machine's clock to be believed?"""

import ctypes
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from integration.cli.doctor_database import connected, log_times
from integration.domain.instants import SECOND, Duration, Instant
from integration.errors import HoldwatchError
from integration.runners.watch.memory import peek
from integration.services.doctor import Result, fault, judge_drift, judge_step, note, ok, warning
from integration.services.heartbeat import BeatError
from integration.settings import Settings
from integration.store.pulse import read_beat

_ALLOWED: Final = 2 * SECOND
_FINEST: Final = 0.01
"""Seconds: AU-8 asks for hundredths."""
_UNSYNCHRONISED: Final = 0x0040
"""``STA_UNSYNC`` of adjtimex(2)."""
_TIMEX_BYTES: Final = 512
"""More than ``struct timex`` has on any Linux. All zeros ask and change nothing."""


def check(settings: Settings) -> Iterator[Result]:
    """Look at the clock against everything at hand that keeps time."""
    allowed = int(settings.watch.clock_behind_seconds * SECOND)
    yield judge_step(_now(), list(_marks(settings)), allowed)
    yield _kept()
    finest = time.clock_getres(time.CLOCK_REALTIME)
    if finest > _FINEST:
        yield fault("clock.granularity", f"the clock ticks every {finest} s", "Use another machine (AU-8).")
    else:
        yield ok("clock.granularity", "finer than a hundredth of a second (AU-8)")
    yield judge_drift("file system", _file_system(settings), _ALLOWED)
    yield from _database(settings)


def _now() -> Instant:
    return time.time_ns() // 1000


def _marks(settings: Settings) -> Iterator[tuple[str, Instant]]:
    """Yield every time that was written down here before."""
    for path in (settings.anchor_file, settings.heartbeat_file, settings.watch_state_file):
        if path.exists():
            yield f"the file {path.name}", path.stat().st_mtime_ns // 1000
    with suppress(OSError, BeatError):  # `doctor sources` and the watchdog tell of an engine that is not there
        yield "the engine's heartbeat", read_beat(settings.heartbeat_file).at
    memory = peek(settings.watch_state_file)
    if memory is not None:
        yield "the watchdog's memory", memory.latest
    try:
        with connected(settings) as connection:
            times = log_times(connection)
    except HoldwatchError:
        return  # `doctor audit` tells of a database that is not there
    if times is not None:
        yield "the log's last entry", times[1]


def _kept() -> Result:
    """Ask the kernel whether something keeps the clock."""
    timex = ctypes.create_string_buffer(_TIMEX_BYTES)
    state = ctypes.CDLL(None, use_errno=True).adjtimex(timex)
    if state < 0:
        return note(
            "clock.kept", f"the kernel does not say whether the clock is kept: {os.strerror(ctypes.get_errno())}"
        )
    # Behind modes (int), offset, freq, maxerror, esterror (long): status (int).
    status = ctypes.c_int.from_buffer(timex, ctypes.sizeof(ctypes.c_long) * 5).value
    if status & _UNSYNCHRONISED:
        return warning(
            "clock.kept",
            "the kernel says that no time service keeps this clock",
            "Set up chrony or another service, and see `chronyc tracking` (AU-8).",
        )
    return ok("clock.kept", "the kernel says that a time service keeps this clock")


def _file_system(settings: Settings) -> Duration:
    """Return the state folder's clock less this machine's: another one, where it lies on a server."""
    with tempfile.NamedTemporaryFile(dir=settings.site.state_dir, prefix=".doctor-") as probe:
        before = time.time_ns()
        probe.write(b"0")
        probe.flush()
        after = time.time_ns()
        stamped = os.fstat(probe.fileno()).st_mtime_ns
    return (stamped - min(max(stamped, before), after)) // 1000


def _database(settings: Settings) -> Iterator[Result]:
    try:
        with connected(settings) as connection:
            if connection.dialect.name != "postgresql":
                return
            before = time.time_ns()
            told = connection.exec_driver_sql("SELECT extract(epoch FROM clock_timestamp()) * 1000000").scalar_one()
            after = time.time_ns()
    except HoldwatchError:
        return  # `doctor audit` tells of it
    at = int(told) * 1000
    yield judge_drift("database", (at - min(max(at, before), after)) // 1000, _ALLOWED)
